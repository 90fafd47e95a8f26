import { useEffect } from "react";

import { isWriting, shortcutOf, type Shortcut } from "../shared/lib/shortcuts";
import { dialogIsOpen } from "../shared/ui/openDialog";

/** Calls `act` for what keys ask for, as long as no dialog or menu is open. */
export function useShortcuts(act: (shortcut: Shortcut) => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || dialogIsOpen()) return;
      const shortcut = shortcutOf(event, isWriting());
      if (shortcut === null) return;
      event.preventDefault();
      act(shortcut);
    };
    // Before a dialog that is going, which keeps the arrow keys to itself.
    document.addEventListener("keydown", onKeyDown, true);
    return () => document.removeEventListener("keydown", onKeyDown, true);
  }, [act]);
}
