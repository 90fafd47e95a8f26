import { useMutation } from "@tanstack/react-query";
import type { FC } from "react";

import { useMe } from "../../shared/api/useSession";
import { useT } from "../../shared/i18n/i18n";
import { Button, ButtonLink } from "../../shared/ui/Button";
import { Page, Section } from "../../shared/ui/Page";
import { useTitle } from "../../shared/ui/useTitle";
import { logOut } from "./accountApi";
import styles from "./AccountPage.module.css";
import { ChangePasswordForm } from "./ChangePasswordForm";
import { ClearDevice } from "./ClearDevice";
import { DeleteAccountForm } from "./DeleteAccountForm";
import { KeyboardButton } from "./KeyboardButton";
import { SessionList } from "./SessionList";

export const AccountPage: FC = () => {
  const t = useT();
  const { data: me } = useMe();
  const leaving = useMutation({ mutationFn: logOut });
  useTitle(t("account.title"));
  return (
    <Page>
      <div className={styles.head}>
        <div>
          <h1>{t("account.title")}</h1>
          <p className={styles.meta}>{t("account.whoHint")}</p>
        </div>
        <Button busy={leaving.isPending} onClick={() => leaving.mutate()}>{t("account.logOut")}</Button>
      </div>
      <Section title={t("account.who")}>
        <p>
          <span className={styles.name}>{me?.login ?? "…"}</span>
          <br />
          <span className={styles.meta}>{me ? (me.email ?? t("account.noEmail")) : "…"}</span>
        </p>
        <p className={styles.links}>
          <ButtonLink to="/privacy">{t("privacy.link")}</ButtonLink>
          {me?.role === "operator" && <ButtonLink to="/admin">{t("operator.title")}</ButtonLink>}
        </p>
      </Section>
      <Section title={t("account.sessions")} hint={t("account.sessionsHint")}><SessionList /></Section>
      <Section title={t("account.changePassword")} hint={t("account.changePasswordHint")}>
        <ChangePasswordForm login={me?.login ?? ""} />
      </Section>
      <Section title={t("account.keyboard")} hint={t("account.keyboardHint")}><KeyboardButton /></Section>
      <Section title={t("account.clear")} hint={t("account.clearHint")}><ClearDevice /></Section>
      <Section title={t("account.deleteTitle")} hint={t("account.deleteHint")}><DeleteAccountForm /></Section>
    </Page>
  );
};
