import { useMutation } from "@tanstack/react-query";
import { useState, type FC, type SubmitEvent } from "react";
import { useNavigate } from "react-router";

import { Problem } from "../../shared/api/problem";
import { explain } from "../../shared/i18n/explain";
import { useT } from "../../shared/i18n/i18n";
import { Button, ButtonLink } from "../../shared/ui/Button";
import { PasswordField, TextField } from "../../shared/ui/Field";
import { Notice } from "../../shared/ui/Notice";
import { register } from "./accountApi";
import { Entrance, entranceForm, EntranceOther } from "./Entrance";
import { registrationMistakes, type AccountField } from "./rules";
import { useDestination } from "./useDestination";

export const RegisterPage: FC = () => {
  const t = useT();
  const navigate = useNavigate();
  const { state, to } = useDestination();
  const [login, setLogin] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const attempt = useMutation({
    mutationFn: () => register(login, email.trim(), password),
    onSuccess: () => navigate(to, { replace: true }),
  });

  const mistakes = registrationMistakes(login, email.trim(), password);
  const refused = attempt.isError ? Problem.from(attempt.error).fields : [];
  const errorOf = (field: AccountField): string | null =>
    (tried && mistakes[field]) || refused.includes(field) ? t(`field.${field}`) : null;

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(mistakes).length === 0) attempt.mutate();
  };

  return (
    <Entrance title={t("account.registerTitle")} lead={t("account.registerLead")}>
      <form className={entranceForm} onSubmit={submit} noValidate>
        <TextField
          label={t("account.login")}
          hint={t("account.loginHint")}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          value={login}
          onChange={(event) => setLogin(event.target.value)}
          error={errorOf("login")}
        />
        <TextField
          label={t("account.email")}
          hint={t("account.emailHint")}
          name="email"
          type="email"
          autoComplete="email"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          error={errorOf("email")}
        />
        <PasswordField
          label={t("account.password")}
          hint={t("account.passwordHint")}
          name="password"
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={errorOf("password")}
        />
        {attempt.isError && refused.length === 0 && <Notice look="danger" text={explain(attempt.error)} />}
        <Button type="submit" look="primary" wide busy={attempt.isPending}>{t("account.register")}</Button>
      </form>
      <EntranceOther>
        <ButtonLink look="plain" to="/login" state={state}>{t("account.toLogin")}</ButtonLink>
        <ButtonLink look="plain" to="/privacy">{t("privacy.link")}</ButtonLink>
      </EntranceOther>
    </Entrance>
  );
};
