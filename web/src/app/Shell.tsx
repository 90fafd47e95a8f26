import { CircleUserRound } from "lucide-react";
import type { FC, ReactNode } from "react";
import { Link, useLocation } from "react-router";

import { RoomsSidebar } from "../features/rooms/RoomsSidebar";
import { useT } from "../shared/i18n/i18n";
import { AppearanceButton } from "../shared/ui/AppearanceButton";
import { IconLink } from "../shared/ui/Button";
import { cx } from "../shared/ui/cx";
import { Mark } from "../shared/ui/Mark";
import styles from "./Shell.module.css";

/** The rooms at the side where there is space for them, and one page beside them. */
export const Shell: FC<{ children: ReactNode }> = ({ children }) => {
  const t = useT();
  const inRoom = useLocation().pathname.startsWith("/r/");
  return (
    <div className={cx(styles.shell, inRoom && styles.bare)}>
      <a className={styles.skip} href="#content">{t("app.skip")}</a>
      <header className={styles.bar}>
        <Link className={styles.brand} to="/" aria-label={t("app.home")}><Mark /> AnonChat</Link>
        <AppearanceButton />
        <IconLink to="/account" label={t("account.settings")}><CircleUserRound aria-hidden /></IconLink>
      </header>
      <div className={styles.side}><RoomsSidebar /></div>
      <main id="content" className={styles.content} tabIndex={-1}>{children}</main>
    </div>
  );
};
