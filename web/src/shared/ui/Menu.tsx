import { Menu as Base } from "@base-ui/react/menu";
import type { FC, ReactElement, ReactNode } from "react";

import { cx } from "./cx";
import styles from "./Menu.module.css";

interface Props {
  /** The button that opens it. */
  trigger: ReactElement;
  /** Opens as soon as it is there. */
  openAtOnce?: boolean;
  children: ReactNode;
}

export const Menu: FC<Props> = ({ trigger, openAtOnce = false, children }) => (
  <Base.Root defaultOpen={openAtOnce}>
    <Base.Trigger render={trigger} />
    <Base.Portal>
      <Base.Positioner className={styles.positioner} align="end" sideOffset={4} collisionPadding={8}>
        <Base.Popup className={styles.popup}>{children}</Base.Popup>
      </Base.Positioner>
    </Base.Portal>
  </Base.Root>
);

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
