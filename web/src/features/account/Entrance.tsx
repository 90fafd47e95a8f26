import type { FC, ReactNode } from "react";
import { Link } from "react-router";

import { useSessionStatus } from "../../shared/api/useSession";
import { useT } from "../../shared/i18n/i18n";
import { AppearanceButton } from "../../shared/ui/AppearanceButton";
import { Mark } from "../../shared/ui/Mark";
import { Notice } from "../../shared/ui/Notice";
import { useTitle } from "../../shared/ui/useTitle";
import styles from "./Entrance.module.css";
import { useDestination } from "./useDestination";

interface Props {
  title: string;
  lead?: string;
  children: ReactNode;
}

/** The frame around logging in and registering. */
export const Entrance: FC<Props> = ({ title, lead, children }) => {
  const t = useT();
  const ended = useSessionStatus() === "ended";
  const { to } = useDestination();
  useTitle(title);
  return (
    <div className={styles.page}>
      <header className={styles.bar}>
        <Link className={styles.brand} to="/" aria-label={t("app.home")}><Mark /> AnonChat</Link>
        <AppearanceButton />
      </header>
      <main className={styles.content}>
        {ended && <Notice look="warning" text={t("account.ended")} />}
        {to.startsWith("/r/") && !ended && <Notice look="info" text={`${t("front.invited")} ${t("front.invitedHint")}`} />}
        <div className={styles.head}>
          <h1>{title}</h1>
          {lead !== undefined && <p className={styles.lead}>{lead}</p>}
        </div>
        {children}
      </main>
    </div>
  );
};

/** What stands under the form. */
export const EntranceOther: FC<{ children: ReactNode }> = ({ children }) => <div className={styles.other}>{children}</div>;

export const entranceForm = styles.form;
