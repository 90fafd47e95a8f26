import type { FC } from "react";

import type { Room } from "../../shared/api/client";
import { useT } from "../../shared/i18n/i18n";
import styles from "./RoomList.module.css";

/** The server counts no further. */
const MOST_UNREAD = 99;

/** How much of a room is unread; nothing where all is read. */
export const UnreadCount: FC<{ room: Room }> = ({ room }) => {
  const t = useT();
  const unread = room.unread ?? 0;
  if (unread === 0) return null;
  const shown = unread > MOST_UNREAD ? `${MOST_UNREAD}+` : String(unread);
  return (
    <span className={styles.unread}>
      <span aria-hidden>{shown}</span>
      <span className="visually-hidden">{t("rooms.unread", { count: unread, shown })}</span>
    </span>
  );
};
