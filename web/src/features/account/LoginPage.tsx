import { useMutation } from "@tanstack/react-query";
import { useState, type FC, type SubmitEvent } from "react";
import { useNavigate } from "react-router";

import { explain } from "../../shared/i18n/explain";
import { useT } from "../../shared/i18n/i18n";
import { Button, ButtonLink } from "../../shared/ui/Button";
import { PasswordField, TextField } from "../../shared/ui/Field";
import { Notice } from "../../shared/ui/Notice";
import { logIn } from "./accountApi";
import { Entrance, entranceForm, EntranceOther } from "./Entrance";
import { useDestination } from "./useDestination";

export const LoginPage: FC = () => {
  const t = useT();
  const navigate = useNavigate();
  const { state, to } = useDestination();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const attempt = useMutation({
    mutationFn: () => logIn(name.trim(), password),
    onSuccess: () => navigate(to, { replace: true }),
  });

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setTried(true);
    if (name.trim() !== "" && password !== "") attempt.mutate();
  };

  return (
    <Entrance title={t("account.loginTitle")}>
      <form className={entranceForm} onSubmit={submit} noValidate>
        <TextField
          label={t("account.loginOrEmail")}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={tried && name.trim() === "" ? t("field.loginRequired") : null}
        />
        <PasswordField
          label={t("account.password")}
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={tried && password === "" ? t("field.passwordRequired") : null}
        />
        {attempt.isError && <Notice look="danger" text={explain(attempt.error)} />}
        <Button type="submit" look="primary" wide busy={attempt.isPending}>{t("account.logIn")}</Button>
      </form>
      <EntranceOther>
        <ButtonLink look="plain" to="/register" state={state}>{t("account.toRegister")}</ButtonLink>
      </EntranceOther>
    </Entrance>
  );
};
