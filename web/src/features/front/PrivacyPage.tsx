import { ArrowLeft } from "lucide-react";
import type { FC, ReactNode } from "react";

import { useT } from "../../shared/i18n/i18n";
import { AppearanceButton } from "../../shared/ui/AppearanceButton";
import { IconLink } from "../../shared/ui/Button";
import { Page, Section } from "../../shared/ui/Page";
import { useTitle } from "../../shared/ui/useTitle";
import styles from "./PrivacyPage.module.css";

/**
 * What the server knows about a person, in plain words, without an account needed to read it; what
 * it knows of the one who reads comes first.
 */
export const PrivacyPage: FC<{ children: ReactNode }> = ({ children }) => {
  const t = useT();
  useTitle(t("privacy.title"));
  return (
    <main>
      <Page>
        <div className={styles.bar}>
          <IconLink to="/" label={t("action.back")}><ArrowLeft aria-hidden /></IconLink>
          <AppearanceButton />
        </div>
        <h1>{t("privacy.title")}</h1>
        {children}
        <Section title={t("privacy.knowsTitle")}>
          <ul className={styles.list}>
            <li>{t("privacy.knows1")}</li>
            <li>{t("privacy.knows2")}</li>
            <li>{t("privacy.knows3")}</li>
            <li>{t("privacy.knows4")}</li>
          </ul>
        </Section>
        <Section title={t("privacy.notTitle")}>
          <ul className={styles.list}>
            <li>{t("privacy.not1")}</li>
            <li>{t("privacy.not2")}</li>
            <li>{t("privacy.not3")}</li>
          </ul>
        </Section>
        <Section title={t("privacy.whoTitle")}>
          <ul className={styles.list}>
            <li>{t("privacy.who1")}</li>
            <li>{t("privacy.who2")}</li>
            <li>{t("privacy.who3")}</li>
          </ul>
        </Section>
      </Page>
    </main>
  );
};
