import { useState, type FC } from "react";
import { useNavigate } from "react-router";

import type { Room } from "../../shared/api/client";
import { useT } from "../../shared/i18n/i18n";
import { roomPath } from "../../shared/lib/roomLink";
import { Button } from "../../shared/ui/Button";
import { Dialog, DialogActions } from "../../shared/ui/Dialog";
import { NEW_ROOM } from "./RoomFields";
import { RoomForm } from "./RoomForm";
import { createRoom, useRoomCache } from "./roomsApi";
import { ShareRoom } from "./ShareRoom";

/** Makes a room, then hands over its link. */
export const CreateRoomDialog: FC<{ open: boolean; onClose: () => void }> = ({ open, onClose }) => {
  const t = useT();
  const navigate = useNavigate();
  const { refresh } = useRoomCache();
  const [room, setRoom] = useState<Room | null>(null);

  const close = (): void => {
    onClose();
    setRoom(null);
  };

  if (room) {
    return (
      <Dialog open={open} onClose={close} title={t("rooms.created", { name: room.name })} lead={t("rooms.createdLead")}>
        <ShareRoom roomId={room.room_id} />
        <DialogActions>
          <Button
            look="primary"
            onClick={() => {
              close();
              void navigate(roomPath(room.room_id));
            }}
          >
            {t("rooms.enterCreated")}
          </Button>
        </DialogActions>
      </Dialog>
    );
  }
  return (
    <Dialog open={open} onClose={close} title={t("rooms.create")} lead={t("rooms.createLead")}>
      <RoomForm
        initial={NEW_ROOM}
        submitLabel={t("rooms.createSubmit")}
        save={createRoom}
        onSaved={(created) => {
          setRoom(created);
          void refresh();
        }}
      >
        <Button onClick={close}>{t("action.cancel")}</Button>
      </RoomForm>
    </Dialog>
  );
};
