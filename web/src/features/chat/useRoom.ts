import { useEffect, useState, useSyncExternalStore } from "react";

import { connectionTo } from "./chatApi";
import type { RoomConnection } from "./RoomConnection";
import type { RoomSnapshot } from "./RoomSnapshot";

/** Connects while mounted and draws again on every change of the room. */
export function useRoom(connection: RoomConnection): RoomSnapshot {
  useEffect(() => connection.start(), [connection]);
  return useSyncExternalStore(connection.subscribe, connection.snapshot);
}

/** One connection for the life of the component, which must be keyed by room and account. */
export function useConnection(roomId: string, accountId: string): RoomConnection {
  const [connection] = useState(() => connectionTo(roomId, accountId));
  return connection;
}
