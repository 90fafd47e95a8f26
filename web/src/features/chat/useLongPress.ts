import { useEffect, useRef, type PointerEvent, type MouseEvent } from "react";

interface LongPress {
  onPointerDown: (event: PointerEvent) => void;
  onPointerMove: (event: PointerEvent) => void;
  onPointerUp: () => void;
  onPointerCancel: () => void;
  onContextMenu: (event: MouseEvent) => void;
}

interface Press {
  x: number;
  y: number;
  timer: ReturnType<typeof setTimeout>;
}

const LONG_MS = 450;
/** A finger that goes farther is scrolling. */
const STILL_PX = 10;
/** What a resting finger means there is the browser's business. */
const OWN = "a, button, input, textarea, select";

/** A finger that rests on a message opens its menu, which its button opens as well. */
export function useLongPress(): LongPress {
  const press = useRef<Press>(undefined);
  const end = (): void => {
    clearTimeout(press.current?.timer);
    press.current = undefined;
  };
  useEffect(() => end, []);
  return {
    onPointerDown: ({ pointerType, isPrimary, target, clientX, clientY }) => {
      end();
      const row = rowAt(target);
      if (pointerType !== "touch" || !isPrimary || !row) return;
      press.current = { x: clientX, y: clientY, timer: setTimeout(() => openMenu(row), LONG_MS) };
    },
    onPointerMove: ({ clientX, clientY }) => {
      const { x, y } = press.current ?? { x: clientX, y: clientY };
      if (Math.hypot(clientX - x, clientY - y) > STILL_PX) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
    // The browser's own menu would lie over this one.
    onContextMenu: (event) => {
      const byTouch = event.nativeEvent instanceof globalThis.PointerEvent && event.nativeEvent.pointerType === "touch";
      if (byTouch && rowAt(event.target)) event.preventDefault();
    },
  };
}

function rowAt(target: EventTarget): HTMLElement | null {
  if (!(target instanceof Element) || target.closest(OWN)) return null;
  return target.closest<HTMLElement>("[data-seq]");
}

function openMenu(row: HTMLElement): void {
  const button = row.querySelector<HTMLElement>("[aria-haspopup=menu]:not([aria-expanded=true])");
  if (!button) return;
  button.click();
  window.addEventListener("touchend", swallow, { capture: true, once: true, passive: false });
}

/** The finger that leaves has nothing more to say: no tap beside the menu, no click. */
function swallow(event: TouchEvent): void {
  event.preventDefault();
  event.stopPropagation();
}
