import type { FC } from "react";

import type { Room } from "../../shared/api/client";
import { useT } from "../../shared/i18n/i18n";
import { Button } from "../../shared/ui/Button";
import { Dialog } from "../../shared/ui/Dialog";
import { RoomForm } from "./RoomForm";
import { changeRoom, useRoomCache } from "./roomsApi";

interface Props {
  room: Room;
  open: boolean;
  onClose: () => void;
}

/** What a host may change about a room. */
export const SettingsDialog: FC<Props> = ({ room, open, onClose }) => {
  const t = useT();
  const { remember } = useRoomCache();
  const initial = {
    name: room.name,
    max_user: String(room.max_user),
    visibility: room.visibility,
    retention_in: room.retention_in ?? null,
  };
  return (
    <Dialog open={open} onClose={onClose} title={t("rooms.settings")}>
      <RoomForm
        initial={initial}
        submitLabel={t("action.save")}
        save={(settings) => changeRoom(room.room_id, settings)}
        onSaved={(changed) => {
          remember(changed);
          onClose();
        }}
      >
        <Button onClick={onClose}>{t("action.cancel")}</Button>
      </RoomForm>
    </Dialog>
  );
};
