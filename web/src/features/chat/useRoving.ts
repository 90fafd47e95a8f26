import { useCallback, useState, type FocusEvent, type KeyboardEvent, type RefObject } from "react";
import type { VirtualizerHandle } from "virtua";

import { focusRow } from "./focusRow";
import type { Row } from "./rows";
import { indexOf } from "./useListScroll";

interface Roving {
  /** The message that the Tab key leads to. */
  active: number | null;
  /** The row that must stay while the focus is in it. */
  held: readonly number[];
  onFocus: (event: FocusEvent) => void;
  onBlur: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/** One message of the list is in the tab order; the arrow keys, Home and End move on from there. */
export function useRoving(rows: readonly Row[], list: RefObject<VirtualizerHandle | null>): Roving {
  const [focused, setFocused] = useState<number | null>(null);
  const [inside, setInside] = useState(false);
  const lines = rows.flatMap((row) => (row.kind === "line" ? [row.line.seq] : []));
  const index = focused === null ? -1 : indexOf(rows, focused);
  const active = index >= 0 ? focused : (lines.at(-1) ?? null);

  const onFocus = useCallback(({ target }: FocusEvent) => {
    const row = target.closest<HTMLElement>("[data-seq]");
    setInside(true);
    if (row) setFocused(Number(row.dataset.seq));
  }, []);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const row = event.target as HTMLElement;
    if (row.dataset.seq === undefined) return;
    const place = lines.indexOf(Number(row.dataset.seq));
    const next = { ArrowUp: lines[place - 1], ArrowDown: lines[place + 1], Home: lines[0], End: lines.at(-1) }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      list.current?.scrollToIndex(indexOf(rows, next), { align: "nearest" });
      focusRow(next);
    } else if (event.key === "Enter") {
      event.preventDefault();
      row.querySelector<HTMLElement>("[aria-haspopup=menu]")?.click();
    }
  };

  return { active, held: inside && index >= 0 ? [index] : [], onFocus, onBlur: () => setInside(false), onKeyDown };
}
