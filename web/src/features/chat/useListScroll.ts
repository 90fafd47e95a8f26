import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";
import type { VirtualizerHandle } from "virtua";

import type { Row } from "./rows";

/** Nearer to the end than this counts as at the end. */
const NEAR_PX = 64;
/** More messages are asked for this long before the reader is at the edge of those there are. */
const EARLY_PX = 1_000;
/** How long the list is and how far it is scrolled, in pixels, before it is drawn. */
const NOWHERE = { size: 0, offset: 0 };

/** A message to be brought into sight; a new object for every request. */
export interface Goal {
  seq: number;
}

interface Options {
  list: RefObject<VirtualizerHandle | null>;
  rows: readonly Row[];
  /** Which stretch of the room the rows are from. */
  stretch: number;
  hasNewer: boolean;
  goal: Goal | null;
  onNearStart: () => void;
  onNearEnd: () => void;
}

interface ListScroll {
  /** Whether the newest message is in sight. */
  atEnd: boolean;
  onScroll: () => void;
  onResize: () => void;
  toEnd: () => void;
}

/**
 * Keeps the reader where they are: at the end when they were there, otherwise at the same message
 * while others come in before or after it. Opens at the first unread message.
 */
export function useListScroll({ list, rows, stretch, hasNewer, goal, onNearStart, onNearEnd }: Options): ListScroll {
  const stuck = useRef(true);
  const seen = useRef(NOWHERE);
  const opened = useRef<number | null>(null);
  const reached = useRef<Goal | null>(null);
  const newestSent = useRef<string | null>(null);
  const [nearEnd, setNearEnd] = useState(true);
  const lastIndex = rows.length - 1;

  const toEnd = useCallback(() => {
    stuck.current = true;
    setNearEnd(true);
    if (lastIndex >= 0) list.current?.scrollToIndex(lastIndex, { align: "end" });
  }, [list, lastIndex]);

  const look = useCallback(() => {
    const handle = list.current;
    if (!handle || handle.viewportSize === 0) return;
    const below = handle.scrollSize - handle.scrollOffset - handle.viewportSize;
    // Only whoever goes up leaves the end. Rows that turn out to have another height move it, too.
    const wentUp = handle.scrollSize === seen.current.size && handle.scrollOffset < seen.current.offset;
    seen.current = { size: handle.scrollSize, offset: handle.scrollOffset };
    stuck.current = below < NEAR_PX || (stuck.current && !wentUp);
    setNearEnd(stuck.current);
    if (handle.scrollOffset < EARLY_PX) onNearStart();
    if (below < EARLY_PX) onNearEnd();
  }, [list, onNearStart, onNearEnd]);

  // The composer grows, the keyboard comes, a row turns out higher than thought: the end stays the end.
  const onResize = useCallback(() => {
    if (list.current) seen.current = { size: list.current.scrollSize, offset: list.current.scrollOffset };
    if (stuck.current && !hasNewer) toEnd();
  }, [list, hasNewer, toEnd]);

  useLayoutEffect(() => {
    if (lastIndex < 0) return;
    const goalIndex = goal === null || reached.current === goal ? -1 : indexOf(rows, goal.seq);
    const first = opened.current === null;
    const opening = opened.current !== stretch;
    opened.current = stretch;
    if (opening) seen.current = NOWHERE;
    const marker = first ? rows.findIndex(({ kind }) => kind === "new") : -1;
    // Whoever sends wants to see it, wherever they were reading.
    const newest = rows.at(-1);
    const sent = newest?.kind === "unsent" && newest.key !== newestSent.current;
    newestSent.current = newest?.kind === "unsent" ? newest.key : null;
    if (goalIndex >= 0) {
      reached.current = goal;
      stuck.current = false;
      list.current?.scrollToIndex(goalIndex, { align: "center" });
    } else if (marker >= 0) {
      stuck.current = false;
      list.current?.scrollToIndex(marker, { align: "start", offset: -NEAR_PX });
    } else if (opening || ((stuck.current || sent) && !hasNewer)) {
      stuck.current = true;
      list.current?.scrollToIndex(lastIndex, { align: "end" });
    }
  }, [list, rows, lastIndex, stretch, hasNewer, goal]);

  // A page may be too short to scroll at all.
  useEffect(() => {
    const frame = requestAnimationFrame(look);
    return () => cancelAnimationFrame(frame);
  }, [rows, look]);

  return { atEnd: nearEnd && !hasNewer, onScroll: look, onResize, toEnd };
}

/** Whether rows came or went at the start since the last drawing, so that the list counts from its end. */
export function useShift(firstKey: string | undefined, stretch: number): boolean {
  const drawn = useRef({ firstKey, stretch });
  useLayoutEffect(() => {
    drawn.current = { firstKey, stretch };
  }, [firstKey, stretch]);
  return ((before) => before.stretch === stretch && before.firstKey !== undefined && before.firstKey !== firstKey)(drawn.current);
}

export function indexOf(rows: readonly Row[], seq: number): number {
  return rows.findIndex((row) => row.kind === "line" && row.line.seq === seq);
}
