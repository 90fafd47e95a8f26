import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { useRef, type FC, type ReactNode } from "react";

import { useT } from "../i18n/i18n";
import { IconButton } from "./Button";
import styles from "./Dialog.module.css";

interface Props {
  open: boolean;
  onClose: () => void;
  title: string;
  lead?: string;
  /** `drawer` stands at the side of the page, as high as it. */
  shape?: "dialog" | "drawer";
  /** Where the focus goes afterwards; `true` stands for where it came from. */
  focusAfter?: () => HTMLElement | true;
  children: ReactNode;
}

/**
 * Keeps the focus inside while open and gives it back afterwards; Escape closes it. The focus goes
 * to the field marked `data-first`, if there is one.
 */
export const Dialog: FC<Props> = ({ open, onClose, title, lead, shape = "dialog", focusAfter, children }) => {
  const t = useT();
  const popup = useRef<HTMLDivElement>(null);
  const first = (): HTMLElement | null => popup.current?.querySelector<HTMLElement>("[data-first]") ?? popup.current;
  return (
    <Base.Root open={open} onOpenChange={(isOpen) => { if (!isOpen) onClose(); }}>
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Viewport className={shape === "drawer" ? styles.drawerViewport : styles.viewport}>
          <Base.Popup ref={popup} initialFocus={first} finalFocus={focusAfter} className={shape === "drawer" ? styles.drawer : styles.dialog}>
            <div className={styles.head}>
              <Base.Title className={styles.title}>{title}</Base.Title>
              <Base.Close render={<IconButton label={t("action.close")}><X aria-hidden /></IconButton>} />
            </div>
            {lead !== undefined && <Base.Description className={styles.lead}>{lead}</Base.Description>}
            {children}
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
};

/** The buttons at a dialog's end, the safe one first. */
export const DialogActions: FC<{ children: ReactNode }> = ({ children }) => <div className={styles.actions}>{children}</div>;
