import { useMutation } from "@tanstack/react-query";
import { useState, type FC, type SubmitEvent } from "react";

import { Problem } from "../../shared/api/problem";
import { explain } from "../../shared/i18n/explain";
import { useT } from "../../shared/i18n/i18n";
import { Button } from "../../shared/ui/Button";
import { PasswordField, TextField } from "../../shared/ui/Field";
import { Notice } from "../../shared/ui/Notice";
import type { Policy } from "./accountApi";
import { entranceForm } from "./Entrance";
import { registrationMistakes, type AccountField } from "./rules";

interface Props {
  /** Whether an e-mail address is asked for. */
  email: Policy["email"];
  submit: string;
  make: (login: string, email: string, password: string) => Promise<void>;
  onMade: () => unknown;
  /** Why it failed, where the caller knows better. */
  explainFailure?: (cause: Error) => string;
}

/** What a person chooses who gets an account. */
export const NewAccountForm: FC<Props> = ({ email: asked, submit, make, onMade, explainFailure = explain }) => {
  const t = useT();
  const [login, setLogin] = useState("");
  const [typedEmail, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const email = asked === "off" ? "" : typedEmail.trim();
  const attempt = useMutation({ mutationFn: () => make(login, email, password), onSuccess: onMade });

  const mistakes = registrationMistakes(login, email, password, asked === "required");
  const refused = attempt.isError ? Problem.from(attempt.error).fields : [];
  const errorOf = (field: AccountField): string | null =>
    (tried && mistakes[field]) || refused.includes(field) ? t(`field.${field}`) : null;

  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(mistakes).length === 0) attempt.mutate();
  };

  return (
    <form className={entranceForm} onSubmit={onSubmit} noValidate>
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
      {asked !== "off" && (
        <TextField
          label={t(asked === "required" ? "account.email" : "account.emailOptional")}
          hint={t("account.emailHint")}
          name="email"
          type="email"
          autoComplete="email"
          value={typedEmail}
          onChange={(event) => setEmail(event.target.value)}
          error={errorOf("email")}
        />
      )}
      <PasswordField
        label={t("account.password")}
        hint={t("account.passwordHint")}
        name="password"
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={errorOf("password")}
      />
      {attempt.isError && !refused.some(isField) && <Notice look="danger" text={explainFailure(attempt.error)} />}
      <Button type="submit" look="primary" wide busy={attempt.isPending}>{submit}</Button>
    </form>
  );
};

/** Whether a field on the screen says by itself what is wrong. */
function isField(name: string): boolean {
  return name === "login" || name === "email" || name === "password";
}
