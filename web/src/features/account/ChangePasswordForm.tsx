import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FC, type SubmitEvent } from "react";

import { Problem } from "../../shared/api/problem";
import { explain } from "../../shared/i18n/explain";
import { useT } from "../../shared/i18n/i18n";
import { Button } from "../../shared/ui/Button";
import { PasswordField } from "../../shared/ui/Field";
import { Notice } from "../../shared/ui/Notice";
import { changePassword } from "./accountApi";
import styles from "./AccountPage.module.css";
import { isPassword } from "./rules";

export const ChangePasswordForm: FC<{ login: string }> = ({ login }) => {
  const t = useT();
  const client = useQueryClient();
  const [oldPassword, setOldPassword] = useState("");
  const [newPassword, setNewPassword] = useState("");
  const [tried, setTried] = useState(false);
  const attempt = useMutation({
    mutationFn: () => changePassword(oldPassword, newPassword),
    onSuccess: () => {
      setOldPassword("");
      setNewPassword("");
      setTried(false);
      return client.invalidateQueries({ queryKey: ["sessions"] });
    },
  });
  const refused = attempt.isError && Problem.from(attempt.error).fields.includes("new_password");
  const unfit = tried && !isPassword(newPassword, login);

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setTried(true);
    if (oldPassword !== "" && isPassword(newPassword, login)) attempt.mutate();
  };

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      {/* Password managers want to know whose password this is. */}
      <input type="text" name="username" autoComplete="username" value={login} readOnly hidden />
      <PasswordField
        label={t("account.oldPassword")}
        autoComplete="current-password"
        value={oldPassword}
        onChange={(event) => setOldPassword(event.target.value)}
        error={tried && oldPassword === "" ? t("field.passwordRequired") : null}
      />
      <PasswordField
        label={t("account.newPassword")}
        autoComplete="new-password"
        value={newPassword}
        onChange={(event) => setNewPassword(event.target.value)}
        error={unfit || refused ? t("field.password") : null}
      />
      {attempt.isError && !refused && <Notice look="danger" text={explain(attempt.error)} />}
      {attempt.isSuccess && <Notice look="info" text={t("account.passwordChanged")} />}
      <Button type="submit" busy={attempt.isPending}>{t("account.changePassword")}</Button>
    </form>
  );
};
