import { Crown, Server, UserRound, VenetianMask } from "lucide-react";
import type { FC } from "react";
import { Link } from "react-router";

import { useT } from "../../shared/i18n/i18n";
import { AppearanceButton } from "../../shared/ui/AppearanceButton";
import { ButtonLink } from "../../shared/ui/Button";
import { Mark } from "../../shared/ui/Mark";
import { useTitle } from "../../shared/ui/useTitle";
import styles from "./FrontPage.module.css";
import { Sample } from "./Sample";

/** What a stranger reads first: what this is, who can see what, one button. */
export const FrontPage: FC = () => {
  const t = useT();
  useTitle("");
  return (
    <div className={styles.page}>
      <header className={styles.bar}>
        <span className={styles.brand}><Mark /> AnonChat</span>
        <ButtonLink look="plain" to="/login">{t("account.logIn")}</ButtonLink>
        <AppearanceButton />
      </header>
      <main className={styles.main}>
        <div className={styles.pitch}>
          <h1>{t("front.title")}</h1>
          <p className={styles.lead}>{t("front.lead")}</p>
          <div className={styles.actions}>
            <ButtonLink look="primary" to="/register">{t("front.start")}</ButtonLink>
          </div>
        </div>
        <Sample />
        <section className={styles.seen}>
          <h2>{t("front.seenTitle")}</h2>
          <ul>
            <li><VenetianMask aria-hidden /> {t("front.seenRoom")}</li>
            <li><Crown aria-hidden /> {t("front.seenHost")}</li>
            <li><Server aria-hidden /> {t("front.seenServer")}</li>
            <li><UserRound aria-hidden /> {t("front.seenOthers")}</li>
          </ul>
        </section>
      </main>
      <footer className={styles.foot}><Link to="/privacy">{t("privacy.link")}</Link></footer>
    </div>
  );
};
