import { useEffect, useRef, useState, type FC } from "react";
import { createPortal } from "react-dom";

import { useT } from "../shared/i18n/i18n";
import { hideTitle } from "../shared/ui/useTitle";
import styles from "./HideScreen.module.css";

/** Two presses of Escape within this time are meant. */
const TWICE_MS = 600;
const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "CapsLock"]);

/**
 * Blanks the page, its title and all, on Esc Esc. Any other key or a tap brings it back; more
 * presses of Escape do not, since who is in a hurry presses it often.
 */
export const HideScreen: FC = () => {
  const t = useT();
  const [hidden, setHidden] = useState(false);
  const lastEscape = useRef(-Infinity);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const { key, timeStamp, repeat } = event;
      if (key === "Escape" && !repeat) {
        if (timeStamp - lastEscape.current < TWICE_MS) setHidden(true);
        lastEscape.current = timeStamp;
      } else {
        lastEscape.current = -Infinity;
      }
      if (!hidden) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (key !== "Escape" && !MODIFIERS.has(key)) setHidden(false);
    };
    // Two dialogs that are closed one after the other are no hurry, if something was done in between.
    const onPointerDown = (): void => {
      lastEscape.current = -Infinity;
    };
    window.addEventListener("keydown", onKeyDown, true);
    window.addEventListener("pointerdown", onPointerDown, true);
    return () => {
      window.removeEventListener("keydown", onKeyDown, true);
      window.removeEventListener("pointerdown", onPointerDown, true);
    };
  }, [hidden]);

  useEffect(() => {
    if (!hidden) return undefined;
    const { activeElement } = document;
    document.documentElement.dataset.hidden = "";
    hideTitle(true);
    document.getElementById(CURTAIN)?.focus();
    return () => {
      delete document.documentElement.dataset.hidden;
      hideTitle(false);
      if (activeElement instanceof HTMLElement) activeElement.focus();
    };
  }, [hidden]);

  return hidden && createPortal(
    <button type="button" id={CURTAIN} className={styles.curtain} aria-label={t("app.hidden")} onClick={() => setHidden(false)} />,
    document.body,
  );
};

const CURTAIN = "curtain";
