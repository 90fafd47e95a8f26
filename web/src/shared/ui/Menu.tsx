import { Menu as Base } from "@base-ui/react/menu";
import { useEffect, useRef, type FC, type ReactElement, type ReactNode } from "react";

import { cx } from "./cx";
import styles from "./Menu.module.css";

interface Props {
  /** The button that opens it. */
  trigger: ReactElement;
  /** Opens as soon as it is there, as if the button had been pressed. */
  openAtOnce?: boolean;
  children: ReactNode;
}

export const Menu: FC<Props> = ({ trigger, openAtOnce = false, children }) => {
  const button = useRef<HTMLButtonElement>(null);
  const opened = useRef(false);
  useEffect(() => {
    if (!openAtOnce || opened.current) return;
    opened.current = true;
    button.current?.focus();
    button.current?.click();
  }, [openAtOnce]);
  return (
    <Base.Root>
      <Base.Trigger ref={button} render={trigger} />
      <Base.Portal>
        <Base.Positioner className={styles.positioner} align="end" sideOffset={4} collisionPadding={8}>
          <Base.Popup className={styles.popup}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
};

interface ItemProps {
  icon: ReactNode;
  onChoose: () => void;
  danger?: boolean;
  children: ReactNode;
}

export const MenuItem: FC<ItemProps> = ({ icon, onChoose, danger, children }) => (
  <Base.Item className={cx(styles.item, danger && styles.danger)} onClick={onChoose}>
    {icon}
    {children}
  </Base.Item>
);
