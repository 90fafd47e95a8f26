import type { Room } from "../../shared/api/client";
import { Problem, type FailureCode } from "../../shared/api/problem";
import type { Ending } from "../../shared/socket/LiveSocket";

/** Why there is no way back into the room. */
export type RoomEnd = "deleted" | "removed" | "not_found" | "logged_out";

/** What an ended connection means for the room. */
export type Meaning =
  | { kind: "again"; notBefore?: number }
  | { kind: "full"; room: Room; notBefore: number }
  | { kind: "over"; end: RoomEnd };

interface Doors {
  loadRoom: () => Promise<Room>;
  freshToken: () => Promise<string>;
}

const FULL_RETRY_MS = 5_000;
const FLOOD_PAUSE_MS = 5_000;

/** Finds out why a connection ended. `wasInside` tells whether this page has been in the room. */
export async function meaningOf(ending: Ending, wasInside: boolean, doors: Doors): Promise<Meaning> {
  switch (ending.code) {
    case 4403:
      return { kind: "over", end: "removed" };
    case 4410:
      return { kind: "over", end: "deleted" };
    case 4429:
    case 4400:
      return { kind: "again", notBefore: Date.now() + FLOOD_PAUSE_MS };
    case 4401:
      return recovered(doors);
  }
  return ending.wasOpen ? { kind: "again" } : diagnosed(wasInside, doors);
}

/** The session behind the socket ended; a renewed token may continue it. */
async function recovered({ freshToken }: Doors): Promise<Meaning> {
  try {
    await freshToken();
    return { kind: "again" };
  } catch (cause) {
    return Problem.from(cause).status === 401 ? { kind: "over", end: "logged_out" } : { kind: "again" };
  }
}

/** A browser does not say why a handshake was refused, so ask over HTTP. */
async function diagnosed(wasInside: boolean, { loadRoom }: Doors): Promise<Meaning> {
  try {
    const room = await loadRoom();
    return room.online >= room.max_user ? { kind: "full", room, notBefore: Date.now() + FULL_RETRY_MS } : { kind: "again" };
  } catch (cause) {
    const end = endFor(Problem.from(cause).code, wasInside);
    return end === null ? { kind: "again" } : { kind: "over", end };
  }
}

function endFor(code: FailureCode, wasInside: boolean): RoomEnd | null {
  switch (code) {
    case "room_not_found":
    case "not_found":
      return wasInside ? "deleted" : "not_found";
    case "banned":
    case "forbidden":
      return "removed";
    case "unauthorized":
    case "session_revoked":
    case "invalid_refresh_token":
      return "logged_out";
    default:
      return null;
  }
}
