import { useMutation } from "@tanstack/react-query";
import { useState, type FC, type SubmitEvent } from "react";

import { explain } from "../../shared/i18n/explain";
import { useT } from "../../shared/i18n/i18n";
import { Button } from "../../shared/ui/Button";
import { Dialog, DialogActions } from "../../shared/ui/Dialog";
import { Checkbox, PasswordField } from "../../shared/ui/Field";
import { deleteAccount } from "./accountApi";

export const DeleteAccountForm: FC = () => {
  const t = useT();
  const [open, setOpen] = useState(false);
  const [password, setPassword] = useState("");
  const [messages, setMessages] = useState(false);
  const attempt = useMutation({ mutationFn: () => deleteAccount(password, messages) });

  const close = (): void => {
    setOpen(false);
    setPassword("");
  };

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (password !== "") attempt.mutate();
  };

  return (
    <>
      <div><Button look="danger" onClick={() => setOpen(true)}>{t("account.deleteTitle")}</Button></div>
      <Dialog open={open} onClose={close} title={t("account.deleteTitle")} lead={t("account.deleteHint")}>
        <form onSubmit={submit} noValidate>
          <Checkbox label={t("account.deleteMessages")} checked={messages} onChange={(event) => setMessages(event.target.checked)} />
          <PasswordField
            label={t("account.oldPassword")}
            data-first
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            error={attempt.isError ? explain(attempt.error) : null}
          />
          <DialogActions>
            <Button onClick={close}>{t("action.cancel")}</Button>
            <Button type="submit" look="danger" busy={attempt.isPending}>{t("account.deleteConfirm")}</Button>
          </DialogActions>
        </form>
      </Dialog>
    </>
  );
};
