import { useEffect } from "react";

import { isWriting, shortcutOf, type Shortcut } from "../shared/lib/shortcuts";

/** Calls `act` for what keys ask for, as long as no dialog is open. */
export function useShortcuts(act: (shortcut: Shortcut) => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || document.querySelector("[role=dialog]")) return;
      const shortcut = shortcutOf(event, isWriting());
      if (shortcut === null) return;
      event.preventDefault();
      act(shortcut);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [act]);
}
