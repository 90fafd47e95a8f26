import { Plus } from "lucide-react";
import { useState, type FC } from "react";

import { useT } from "../../shared/i18n/i18n";
import { IconButton } from "../../shared/ui/Button";
import { later } from "../../shared/ui/later";
import { RoomList } from "./RoomList";
import { useMyRooms } from "./roomsApi";
import styles from "./RoomsSidebar.module.css";

const CreateRoomDialog = later(async () => (await import("./CreateRoomDialog")).CreateRoomDialog);

/** The rooms a person is in, beside the conversation. */
export const RoomsSidebar: FC = () => {
  const t = useT();
  const [creating, setCreating] = useState<boolean | null>(null);
  return (
    <nav className={styles.sidebar} aria-label={t("rooms.mine")}>
      <div className={styles.head}>
        <h2>{t("rooms.mine")}</h2>
        <IconButton label={t("rooms.create")} onClick={() => setCreating(true)}><Plus aria-hidden /></IconButton>
      </div>
      <RoomList rooms={useMyRooms()} empty={t("rooms.mineEmpty")} />
      {creating !== null && <CreateRoomDialog open={creating} onClose={() => setCreating(false)} />}
    </nav>
  );
};
