import { useMutation } from "@tanstack/react-query";
import { useState, type FC } from "react";
import { useNavigate } from "react-router";

import type { Room } from "../../shared/api/client";
import { shortDate } from "../../shared/i18n/dates";
import { explain } from "../../shared/i18n/explain";
import { useT } from "../../shared/i18n/i18n";
import { Button } from "../../shared/ui/Button";
import { Dialog } from "../../shared/ui/Dialog";
import { Notice } from "../../shared/ui/Notice";
import { DeleteRoomDialog } from "./DeleteRoomDialog";
import { retentionPhrase, sentence } from "../../shared/i18n/retention";
import styles from "./RoomDrawer.module.css";
import { leaveRoom, useRoomCache } from "./roomsApi";
import { SettingsDialog } from "./SettingsDialog";
import { ShareRoom } from "./ShareRoom";

interface Props {
  room: Room;
  open: boolean;
  onClose: () => void;
}

/** What a room is, its link, and what this person may do about it. */
export const RoomDrawer: FC<Props> = ({ room, open, onClose }) => {
  const t = useT();
  const navigate = useNavigate();
  const { forget } = useRoomCache();
  const [inner, setInner] = useState<"settings" | "delete" | null>(null);
  const leaving = useMutation({
    mutationFn: () => leaveRoom(room.room_id),
    onSuccess: () => {
      void navigate("/");
      forget(room.room_id);
    },
  });
  return (
    <>
      <Dialog open={open} onClose={onClose} title={t("rooms.details")} shape="drawer">
        <div className={styles.facts}>
          {room.is_host === true && <p className={styles.host}>{t("rooms.host")}</p>}
          <p>{sentence(t("rooms.people", { count: room.online, max: room.max_user }))}</p>
          <p>{t(room.visibility === "public" ? "rooms.listed" : "rooms.unlisted")}.</p>
          <p>{sentence(t(retentionPhrase(room.retention_in)))}</p>
          <p>{t("rooms.createdAt", { date: shortDate(room.created_at) })}.</p>
        </div>
        <ShareRoom roomId={room.room_id} />
        <hr className={styles.rule} />
        <div className={styles.actions}>
          {room.is_host === true && <Button onClick={() => setInner("settings")}>{t("rooms.settings")}</Button>}
          <Button busy={leaving.isPending} onClick={() => leaving.mutate()}>{t("rooms.leave")}</Button>
          <p className={styles.hint}>{t("rooms.leaveHint")}</p>
          {leaving.isError && <Notice look="danger" text={explain(leaving.error)} />}
          {room.is_host === true && <Button look="danger" onClick={() => setInner("delete")}>{t("rooms.delete")}</Button>}
        </div>
      </Dialog>
      <SettingsDialog room={room} open={inner === "settings"} onClose={() => setInner(null)} />
      <DeleteRoomDialog room={room} open={inner === "delete"} onClose={() => setInner(null)} />
    </>
  );
};
