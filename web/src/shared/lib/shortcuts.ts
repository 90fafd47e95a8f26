import { device } from "./device";

export type Shortcut = "help" | "switch" | "previous" | "next" | "previousUnread" | "nextUnread";

const KEY = "anonchat.keys";

/** Whether a key does something without Ctrl, Alt or ⌘. Some hit keys by accident, some dictate. */
export function singleKeys(): boolean {
  return device.get(KEY) !== "off";
}

export function chooseSingleKeys(on: boolean): void {
  if (on) device.remove(KEY);
  else device.set(KEY, "off");
}

type Press = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** What a press of keys asks for; `writing` says that the same keys may be part of a text. */
export function shortcutOf(press: Press, writing: boolean): Shortcut | null {
  const { key, code, ctrlKey, metaKey, altKey, shiftKey } = press;
  if ((ctrlKey || metaKey) && !altKey && !shiftKey) {
    // The same key in every alphabet.
    return code === "KeyK" ? "switch" : null;
  }
  if (ctrlKey || metaKey) return null;
  if (altKey && key === "ArrowUp") return shiftKey ? "previousUnread" : "previous";
  if (altKey && key === "ArrowDown") return shiftKey ? "nextUnread" : "next";
  return key === "?" && !altKey && !writing && singleKeys() ? "help" : null;
}

/** Whether what is typed now goes into a field; one in a dialog that is going does not count. */
export function isWriting(): boolean {
  const field = document.activeElement?.closest("input, textarea, select, [contenteditable]");
  return field?.closest("[data-closed]") === null;
}
