import { useEffect } from "react";

/** The id of the field that one writes into. */
export const COMPOSER_ID = "composer";

/** The key `/` leads to the composer, unless one is writing or a dialog is open. */
export function useSlash(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const { activeElement } = document;
      if (activeElement?.closest("input, textarea, select, [role=dialog], [role=menu]")) return;
      event.preventDefault();
      document.getElementById(COMPOSER_ID)?.focus();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
