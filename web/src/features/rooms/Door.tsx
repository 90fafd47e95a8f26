import { Clock, DoorOpen, EyeOff, VenetianMask } from "lucide-react";
import type { FC } from "react";

import type { Room } from "../../shared/api/client";
import { useT } from "../../shared/i18n/i18n";
import { Button, ButtonLink } from "../../shared/ui/Button";
import { Notice } from "../../shared/ui/Notice";
import { useTitle } from "../../shared/ui/useTitle";
import styles from "./Door.module.css";
import { retentionPhrase, sentence } from "../../shared/i18n/retention";

interface Props {
  room: Room;
  onEnter: () => void;
}

/** What a room is like and who one will be there, before anybody is told that one came. */
export const Door: FC<Props> = ({ room, onEnter }) => {
  const t = useT();
  const full = room.online >= room.max_user;
  useTitle(room.name);
  return (
    <div className={styles.door}>
      <div className={styles.head}>
        <p className={styles.quiet}>{t("rooms.doorTitle")}</p>
        <h1 dir="auto">{room.name}</h1>
        <p className={styles.facts}>{t("rooms.people", { count: room.online, max: room.max_user })}</p>
      </div>
      <ul className={styles.promises}>
        <li><VenetianMask aria-hidden /> {t("rooms.doorName")}</li>
        <li><EyeOff aria-hidden /> {t("rooms.doorSeen")}</li>
        <li><Clock aria-hidden /> {sentence(t(retentionPhrase(room.retention_in)))}</li>
        <li><DoorOpen aria-hidden /> {t(room.visibility === "public" ? "rooms.doorListed" : "rooms.doorUnlisted")}</li>
      </ul>
      {full && <Notice look="warning" text={t("rooms.doorFull")} />}
      <div className={styles.actions}>
        <Button look="primary" wide autoFocus onClick={onEnter}>{t(full ? "rooms.doorWait" : "rooms.doorEnter")}</Button>
        <ButtonLink look="plain" to="/">{t("rooms.allRooms")}</ButtonLink>
      </div>
    </div>
  );
};
