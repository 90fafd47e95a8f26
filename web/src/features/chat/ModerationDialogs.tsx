import { useMutation } from "@tanstack/react-query";
import type { FC } from "react";

import { explain } from "../../shared/i18n/explain";
import { useT } from "../../shared/i18n/i18n";
import { Button } from "../../shared/ui/Button";
import { Dialog, DialogActions } from "../../shared/ui/Dialog";
import { Notice } from "../../shared/ui/Notice";
import { removeMember } from "./chatApi";
import type { Line } from "./timeline";

interface DeleteProps {
  /** The message in question; the dialog is closed without one. */
  line: Line | null;
  onClose: () => void;
  onDelete: (seq: number) => void;
}

export const DeleteMessageDialog: FC<DeleteProps> = ({ line, onClose, onDelete }) => {
  const t = useT();
  return (
    <Dialog open={line !== null} onClose={onClose} title={t("chat.deleteConfirmTitle")} lead={t("chat.deleteConfirm")}>
      <DialogActions>
        <Button onClick={onClose}>{t("action.cancel")}</Button>
        <Button
          look="danger"
          onClick={() => {
            if (line) onDelete(line.seq);
            onClose();
          }}
        >
          {t("chat.deleteMessage")}
        </Button>
      </DialogActions>
    </Dialog>
  );
};

interface RemoveProps {
  roomId: string;
  /** A message of the person in question. */
  line: Line | null;
  onClose: () => void;
}

export const RemoveMemberDialog: FC<RemoveProps> = ({ roomId, line, onClose }) => {
  const t = useT();
  const removal = useMutation({
    mutationFn: (clientId: string) => removeMember(roomId, clientId),
    onSuccess: onClose,
  });
  return (
    <Dialog open={line !== null} onClose={onClose} title={t("chat.removeTitle", { name: line?.clientName ?? "" })} lead={t("chat.removeLead")}>
      {removal.isError && <Notice look="danger" text={explain(removal.error)} />}
      <DialogActions>
        <Button onClick={onClose}>{t("action.cancel")}</Button>
        <Button look="danger" busy={removal.isPending} onClick={() => { if (line) removal.mutate(line.clientId); }}>{t("chat.removeSubmit")}</Button>
      </DialogActions>
    </Dialog>
  );
};
