import { Plus } from "lucide-react";
import { useDeferredValue, useState, type FC } from "react";
import { useLocation } from "react-router";

import { useT } from "../../shared/i18n/i18n";
import { Button } from "../../shared/ui/Button";
import { TextField } from "../../shared/ui/Field";
import { later } from "../../shared/ui/later";
import { Notice } from "../../shared/ui/Notice";
import { Page, Section } from "../../shared/ui/Page";
import { useTitle } from "../../shared/ui/useTitle";
import { JoinRoomForm } from "./JoinRoomForm";
import { unreadIn } from "./neighbours";
import { RoomList } from "./RoomList";
import { useMyRooms, usePublicRooms } from "./roomsApi";
import styles from "./RoomsPage.module.css";

const CreateRoomDialog = later(async () => (await import("./CreateRoomDialog")).CreateRoomDialog);

/** Handed over by a page that has just taken a room away. */
export interface Arrival {
  deletedRoom?: string;
}

/** Where a person who is logged in starts. */
export const RoomsPage: FC = () => {
  const t = useT();
  const { deletedRoom } = (useLocation().state ?? {}) as Arrival;
  const [creating, setCreating] = useState<boolean | null>(null);
  const unread = unreadIn(useMyRooms().data?.pages.flatMap((page) => page.rooms) ?? []);
  useTitle(unread > 0 ? `(${unread}) ${t("rooms.title")}` : t("rooms.title"));
  return (
    <Page>
      {deletedRoom !== undefined && (
        <Notice look="info" text={`${t("rooms.deletedBy", { name: deletedRoom })} ${t("rooms.deletedByHint")}`} />
      )}
      <div className={styles.head}>
        <h1>{t("rooms.welcome")}</h1>
        <Button look="primary" onClick={() => setCreating(true)}><Plus aria-hidden /> {t("rooms.create")}</Button>
      </div>
      <JoinRoomForm />
      <div className={styles.mine}><MyRooms /></div>
      <PublicRooms />
      {creating !== null && <CreateRoomDialog open={creating} onClose={() => setCreating(false)} />}
    </Page>
  );
};

const MyRooms: FC = () => {
  const t = useT();
  return (
    <Section title={t("rooms.mine")}>
      <RoomList rooms={useMyRooms()} empty={`${t("rooms.mineEmpty")} ${t("rooms.mineEmptyHint")}`} />
    </Section>
  );
};

const PublicRooms: FC = () => {
  const t = useT();
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search.trim());
  return (
    <Section title={t("rooms.public")}>
      <TextField
        label={t("rooms.search")}
        type="search"
        autoComplete="off"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      <RoomList rooms={usePublicRooms(wanted)} empty={t(wanted === "" ? "rooms.publicEmpty" : "rooms.publicNone")} cards />
    </Section>
  );
};
