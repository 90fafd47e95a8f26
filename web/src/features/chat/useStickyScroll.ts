import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";

/** Nearer to the end than this counts as at the end. */
const NEAR_PX = 64;
/** Older messages are asked for this long before the reader is at the start. */
const EARLY_PX = 600;

interface Sticky {
  scroller: RefObject<HTMLDivElement | null>;
  column: RefObject<HTMLDivElement | null>;
  atEnd: boolean;
  onScroll: () => void;
  toEnd: () => void;
}

/**
 * Keeps the reader where they are: at the end when they were there, otherwise at the same message
 * while others come in before or after it.
 */
export function useStickyScroll(firstSeq: number | null, lastKey: string, openAt: string | null, onNearStart: () => void): Sticky {
  const scroller = useRef<HTMLDivElement>(null);
  const column = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const before = useRef<{ firstSeq: number | null; height: number }>({ firstSeq: null, height: 0 });
  const [atEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, []);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    stuck.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
    setAtEnd(stuck.current);
    if (element.scrollTop < EARLY_PX) onNearStart();
  }, [onNearStart]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const { firstSeq: knownFirst, height } = before.current;
    const opened = knownFirst === null && firstSeq !== null;
    const prepended = knownFirst !== null && firstSeq !== null && firstSeq < knownFirst;
    const marker = opened && openAt !== null ? document.getElementById(openAt) : null;
    if (marker) {
      element.scrollTop = marker.offsetTop - element.clientHeight / 4;
      onScroll();
    } else if (stuck.current) toEnd();
    else if (prepended) element.scrollTop += element.scrollHeight - height;
    before.current = { firstSeq, height: element.scrollHeight };
  }, [firstSeq, lastKey, openAt, onScroll, toEnd]);

  // The composer grows, the keyboard comes, a font arrives: the end stays the end.
  useEffect(() => {
    const watcher = new ResizeObserver(() => {
      if (stuck.current) toEnd();
      before.current.height = scroller.current?.scrollHeight ?? 0;
    });
    if (scroller.current) watcher.observe(scroller.current);
    if (column.current) watcher.observe(column.current);
    return () => watcher.disconnect();
  }, [toEnd]);

  return { scroller, column, atEnd, onScroll, toEnd };
}
