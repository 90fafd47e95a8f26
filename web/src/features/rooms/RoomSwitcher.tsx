import { useState, type FC, type KeyboardEvent } from "react";
import { useNavigate } from "react-router";

import { useT } from "../../shared/i18n/i18n";
import { roomPath } from "../../shared/lib/roomLink";
import { cx } from "../../shared/ui/cx";
import { Dialog } from "../../shared/ui/Dialog";
import { TextField } from "../../shared/ui/Field";
import { roomsCalled } from "./neighbours";
import { useAllMyRooms } from "./roomsApi";
import styles from "./RoomSwitcher.module.css";
import { UnreadCount } from "./UnreadCount";

interface Props {
  open: boolean;
  onClose: () => void;
}

/** Goes to one of one's rooms by a few letters of its name. */
export const RoomSwitcher: FC<Props> = ({ open, onClose }) => {
  const t = useT();
  return (
    <Dialog open={open} onClose={onClose} title={t("rooms.switch")}>
      <Choice onChosen={onClose} />
    </Dialog>
  );
};

const LIST = "switcher-rooms";
const optionId = (roomId: string): string => `switcher-${roomId}`;

/** The focus stays in the field; arrows walk through the list. */
const Choice: FC<{ onChosen: () => void }> = ({ onChosen }) => {
  const t = useT();
  const navigate = useNavigate();
  const rooms = useAllMyRooms();
  const [wanted, setWanted] = useState("");
  const [place, setPlace] = useState(0);
  const found = roomsCalled(rooms, wanted);
  const marked = found[Math.min(place, found.length - 1)];

  const go = (roomId: string): void => {
    onChosen();
    void navigate(roomPath(roomId));
  };
  const walk = (next: number): void => {
    const wrapped = (next + found.length) % found.length;
    setPlace(wrapped);
    const room = found[wrapped];
    if (room) document.getElementById(optionId(room.room_id))?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // With Alt, and while the dialog is going, keys mean what they mean outside of it.
    const elsewhere = event.altKey || event.currentTarget.closest("[data-closed]") !== null;
    if (event.nativeEvent.isComposing || elsewhere || !marked) return;
    if (event.key === "ArrowDown") walk(place + 1);
    else if (event.key === "ArrowUp") walk(place - 1);
    else if (event.key === "Enter") go(marked.room_id);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <TextField
        label={t("rooms.switchSearch")}
        data-first
        type="text"
        role="combobox"
        aria-expanded={found.length > 0}
        aria-controls={LIST}
        aria-autocomplete="list"
        aria-activedescendant={marked && optionId(marked.room_id)}
        autoComplete="off"
        value={wanted}
        onChange={(event) => {
          setWanted(event.target.value);
          setPlace(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={LIST} className={styles.list} role="listbox" aria-label={t("rooms.mine")}>
        {found.map((room) => (
          <div
            key={room.room_id}
            id={optionId(room.room_id)}
            className={cx(styles.room, room === marked && styles.marked)}
            role="option"
            aria-selected={room === marked}
            onClick={() => go(room.room_id)}
          >
            <span className={styles.name} dir="auto">{room.name}</span>
            <UnreadCount room={room} />
          </div>
        ))}
      </div>
      <p className={styles.none} role="status">{found.length > 0 ? "" : t(rooms.length === 0 ? "rooms.mineEmpty" : "rooms.switchNone")}</p>
    </>
  );
};
