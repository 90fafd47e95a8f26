import { useMutation } from "@tanstack/react-query";
import { useRef, type FC } from "react";

import { explain } from "../i18n/explain";
import { useT } from "../i18n/i18n";
import { Button } from "./Button";
import { Dialog, DialogActions } from "./Dialog";
import { Notice } from "./Notice";

interface Props {
  open: boolean;
  onClose: () => void;
  title: string;
  /** What will happen, and whether it can be undone. */
  lead: string;
  submit: string;
  act: () => Promise<unknown>;
  /** Where the focus goes when it is done: what the dialog was opened from may be gone. */
  focusAfter: () => HTMLElement | null;
}

/** Asks once before something that cannot be taken back; stays and says why if it fails. */
export const ConfirmDialog: FC<Props> = ({ open, onClose, title, lead, submit, act, focusAfter }) => {
  const t = useT();
  const done = useRef(false);
  const attempt = useMutation({
    mutationFn: act,
    onSuccess: () => {
      done.current = true;
      onClose();
    },
  });
  const close = (): void => {
    attempt.reset();
    onClose();
  };
  return (
    <Dialog open={open} onClose={close} title={title} lead={lead} focusAfter={() => (done.current ? (focusAfter() ?? true) : true)}>
      {attempt.isError && <Notice look="danger" text={explain(attempt.error)} />}
      <DialogActions>
        <Button onClick={close}>{t("action.cancel")}</Button>
        <Button look="danger" busy={attempt.isPending} onClick={() => attempt.mutate()}>{submit}</Button>
      </DialogActions>
    </Dialog>
  );
};
