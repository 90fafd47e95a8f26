import { useMutation } from "@tanstack/react-query";
import { useState, type FC, type SubmitEvent } from "react";
import { useNavigate } from "react-router";

import type { Room } from "../../shared/api/client";
import { explain } from "../../shared/i18n/explain";
import { useT } from "../../shared/i18n/i18n";
import { Button } from "../../shared/ui/Button";
import { Dialog, DialogActions } from "../../shared/ui/Dialog";
import { TextField } from "../../shared/ui/Field";
import { Notice } from "../../shared/ui/Notice";
import styles from "./RoomForm.module.css";
import { deleteRoom, useRoomCache } from "./roomsApi";
import type { Arrival } from "./RoomsPage";

interface Props {
  room: Room;
  open: boolean;
  onClose: () => void;
}

/** Takes a room away from everybody, once its name was typed. */
export const DeleteRoomDialog: FC<Props> = ({ room, open, onClose }) => {
  const t = useT();
  const navigate = useNavigate();
  const { forget } = useRoomCache();
  const [typed, setTyped] = useState("");
  const confirmed = typed.trim() === room.name;
  const attempt = useMutation({
    mutationFn: () => deleteRoom(room.room_id),
    onSuccess: () => {
      const state: Arrival = { deletedRoom: room.name };
      void navigate("/", { state });
      forget(room.room_id);
    },
  });

  const close = (): void => {
    onClose();
    setTyped("");
  };

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (confirmed) attempt.mutate();
  };

  return (
    <Dialog open={open} onClose={close} title={t("rooms.delete")} lead={t("rooms.deleteLead")}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <TextField
          label={t("rooms.deleteType", { name: room.name })}
          autoComplete="off"
          data-first
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {attempt.isError && <Notice look="danger" text={explain(attempt.error)} />}
        <DialogActions>
          <Button onClick={close}>{t("action.cancel")}</Button>
          <Button type="submit" look="danger" disabled={!confirmed} busy={attempt.isPending}>{t("rooms.deleteSubmit")}</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
};
