const TRIES = 20;

/** The id of the element that shows a message. */
export function rowId(seq: number): string {
  return `m${seq}`;
}

/** Focuses a message as soon as the list has drawn it; it cannot be before it has been measured. */
export function focusRow(seq: number, tries = TRIES): void {
  const row = document.getElementById(rowId(seq));
  row?.focus({ preventScroll: true });
  if ((row === null || document.activeElement !== row) && tries > 0) requestAnimationFrame(() => focusRow(seq, tries - 1));
}
