import { Trash2 } from "lucide-react";
import { useDeferredValue, useRef, useState, type FC } from "react";

import type { Room } from "../../shared/api/client";
import { shortDate } from "../../shared/i18n/dates";
import { useT } from "../../shared/i18n/i18n";
import { retentionPhrase } from "../../shared/i18n/retention";
import { IconButton } from "../../shared/ui/Button";
import { ConfirmDialog } from "../../shared/ui/ConfirmDialog";
import { TextField } from "../../shared/ui/Field";
import { Section } from "../../shared/ui/Page";
import styles from "./Operator.module.css";
import { eraseRoom, useRefresh, useServerRooms } from "./operatorApi";
import { PagedList } from "./PagedList";

/** Every room of the server; one that does harm can be taken away. */
export const RoomsSection: FC = () => {
  const t = useT();
  const refresh = useRefresh();
  const field = useRef<HTMLInputElement>(null);
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search.trim());
  const rooms = useServerRooms(wanted);
  const [asked, setAsked] = useState<{ room: Room; open: boolean } | null>(null);
  return (
    <Section title={t("operator.rooms")} hint={t("operator.roomsHint")}>
      <TextField ref={field} label={t("operator.roomsSearch")} type="search" autoComplete="off" value={search} onChange={(event) => setSearch(event.target.value)} />
      <PagedList pages={rooms} items={rooms.data?.pages.flatMap((page) => page.rooms)} empty={t(wanted === "" ? "operator.roomsEmpty" : "operator.roomsNone")}>
        {(room) => <RoomRow key={room.room_id} room={room} onErase={() => setAsked({ room, open: true })} />}
      </PagedList>
      {asked && (
        <ConfirmDialog
          key={asked.room.room_id}
          open={asked.open}
          onClose={() => setAsked({ ...asked, open: false })}
          title={t("operator.eraseRoomTitle", { name: asked.room.name })}
          lead={t("rooms.deleteLead")}
          submit={t("rooms.deleteSubmit")}
          act={() => eraseRoom(asked.room).then(refresh)}
          focusAfter={() => field.current}
        />
      )}
    </Section>
  );
};

const RoomRow: FC<{ room: Room; onErase: () => void }> = ({ room, onErase }) => {
  const t = useT();
  const facts = [
    t("rooms.peopleShort", { count: room.online }),
    t(room.visibility === "public" ? "chat.visiblePublic" : "chat.visibleLink"),
    t(retentionPhrase(room.retention_in)),
    t("operator.since", { date: shortDate(room.created_at) }),
  ];
  return (
    <li className={styles.row}>
      <div>
        <p className={styles.name} dir="auto">{room.name}</p>
        <p className={styles.meta}>{facts.join(" · ")}</p>
      </div>
      <IconButton label={t("operator.eraseRoom", { name: room.name })} onClick={onErase}><Trash2 aria-hidden /></IconButton>
    </li>
  );
};
