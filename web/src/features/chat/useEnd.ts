import { useEffect } from "react";

import { isWriting } from "../../shared/lib/shortcuts";
import { dialogIsOpen } from "../../shared/ui/openDialog";

/** The key End leads to the newest message, unless one is writing or a dialog is open. */
export function useEnd(toLatest: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== "End" || event.defaultPrevented || isWriting() || dialogIsOpen()) return;
      event.preventDefault();
      toLatest();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [toLatest]);
}
