import { useEffect } from "react";

import { isWriting, singleKeys } from "../../shared/lib/shortcuts";
import { dialogIsOpen } from "../../shared/ui/openDialog";

/** The id of the field that one writes into. */
export const COMPOSER_ID = "composer";

/** The key `/` leads to the composer, unless one is writing, a dialog or menu is open or single keys are off. */
export function useSlash(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (!singleKeys() || isWriting() || dialogIsOpen()) return;
      event.preventDefault();
      document.getElementById(COMPOSER_ID)?.focus();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
