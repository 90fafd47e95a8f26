import { useCallback, useEffect, useState } from "react";
import { useSearchParams } from "react-router";

import { roomLink } from "../../shared/lib/roomLink";
import type { RoomConnection } from "./RoomConnection";
import type { RoomSnapshot } from "./RoomSnapshot";
import type { Goal } from "./useListScroll";

const HIGHLIGHT_MS = 2_000;

/** The place of a message in the address of its room. */
const PLACE = "m";

interface Reach {
  goal: Goal | null;
  /** The message to be marked, for a moment. */
  highlighted: number | null;
  /** A message was asked for that does not exist any more. */
  missing: boolean;
  jump: (seq: number) => void;
  forgetMissing: () => void;
}

/** Brings any message of the room into sight and marks it, also the one that the address names. */
export function useReach(connection: RoomConnection, snapshot: RoomSnapshot): Reach {
  const [goal, setGoal] = useState<Goal | null>(null);
  const [highlighted, setHighlighted] = useState<number | null>(null);
  const [missing, setMissing] = useState(false);
  const jump = useCallback((seq: number) => {
    setMissing(false);
    void connection.reach(seq).then((there) => {
      if (!there) setMissing(true);
      else {
        setGoal({ seq });
        setHighlighted(seq);
      }
    });
  }, [connection]);
  useEffect(() => {
    if (highlighted === null) return undefined;
    const timer = setTimeout(() => setHighlighted(null), HIGHLIGHT_MS);
    return () => clearTimeout(timer);
  }, [highlighted, goal]);
  useAddressed(snapshot, jump);
  return { goal, highlighted, missing, jump, forgetMissing: useCallback(() => setMissing(false), []) };
}

/** The address of one message. */
export function messageLink(roomId: string, seq: number): string {
  return `${roomLink(roomId)}?${PLACE}=${seq}`;
}

/** Jumps to the message in the address once the room is open, and takes it off the address then. */
function useAddressed({ you, history }: RoomSnapshot, jump: (seq: number) => void): void {
  const [search, setSearch] = useSearchParams();
  const place = Number(search.get(PLACE) ?? NaN);
  const open = you !== null && history === "idle";
  useEffect(() => {
    if (!open || !Number.isSafeInteger(place) || place < 1) return;
    jump(place);
    setSearch((before) => {
      before.delete(PLACE);
      return before;
    }, { replace: true });
  }, [open, place, jump, setSearch]);
}
