import type { Room } from "../../shared/api/client";
import type { You } from "../../shared/protocol/frames";
import type { RoomEnd } from "./endings";
import type { HistoryState } from "./HistoryLoader";
import type { Pending } from "./Outbox";
import { emptyTimeline, type Line, type Timeline } from "./timeline";

/** A room as it stands at one moment; a new one is made for every change. */
export interface RoomSnapshot {
  /** `full`: somebody has to leave first; it is tried again by itself. */
  phase: "connecting" | "live" | "reconnecting" | "full" | "ended";
  end: RoomEnd | null;
  /** Since when there is no connection; null while there is one. */
  lostAt: number | null;
  /** When the next try is due; null while one is under way. */
  retryAt: number | null;
  room: Room | null;
  you: You | null;
  timeline: Timeline;
  pending: readonly Pending[];
  /** Until when sending is held back because the server asked for it. */
  heldUntil: number | null;
  online: number;
  /** Until when somebody counts as typing. */
  typingUntil: number;
  history: HistoryState;
  /** The first message that was unread on arrival. */
  unreadFrom: number | null;
  /** Places of messages of others that have not been in sight yet. */
  unseen: ReadonlySet<number>;
  /** The newest messages of others that came in while this page was open, oldest first. */
  heard: readonly Line[];
  /** The server carries a newer UI than this page. */
  newBuild: boolean;
}

/** Before anything is known. */
export function beforeArrival(pending: readonly Pending[]): RoomSnapshot {
  return {
    phase: "connecting",
    end: null,
    lostAt: null,
    retryAt: null,
    room: null,
    you: null,
    timeline: emptyTimeline(0),
    pending,
    heldUntil: null,
    online: 0,
    typingUntil: 0,
    history: "loading",
    unreadFrom: null,
    unseen: new Set(),
    heard: [],
    newBuild: false,
  };
}
