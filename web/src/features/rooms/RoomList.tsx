import type { FC } from "react";
import { NavLink } from "react-router";

import type { Room } from "../../shared/api/client";
import { explain } from "../../shared/i18n/explain";
import { useT } from "../../shared/i18n/i18n";
import { roomPath } from "../../shared/lib/roomLink";
import { Button } from "../../shared/ui/Button";
import { cx } from "../../shared/ui/cx";
import { Notice } from "../../shared/ui/Notice";
import { Skeleton } from "../../shared/ui/Page";
import { retentionPhrase } from "../../shared/i18n/retention";
import styles from "./RoomList.module.css";
import { UnreadCount } from "./UnreadCount";

interface Props {
  rooms: {
    data?: { pages: readonly { rooms: readonly Room[] }[] } | undefined;
    error: unknown;
    isPending: boolean;
    hasNextPage: boolean;
    fetchNextPage: () => unknown;
    refetch: () => unknown;
  };
  /** Said when there is no room to show. */
  empty: string;
  /** Cards tell what a room is like to somebody who is not in it. */
  cards?: boolean;
}

/** Rooms one can go to. */
export const RoomList: FC<Props> = ({ rooms, empty, cards = false }) => {
  const t = useT();
  const all = rooms.data?.pages.flatMap((page) => page.rooms) ?? [];
  return (
    <>
      {rooms.isPending && <Skeleton text={t("action.loading")} />}
      {Boolean(rooms.error) && (
        <Notice look="danger" text={explain(rooms.error)}>
          <Button onClick={() => void rooms.refetch()}>{t("action.retry")}</Button>
        </Notice>
      )}
      {rooms.data && all.length === 0 && <p className={styles.hint}>{empty}</p>}
      <ul className={styles.list}>
        {all.map((room) => <li key={room.room_id}><RoomLink room={room} card={cards} /></li>)}
      </ul>
      {rooms.hasNextPage && (
        <Button look="plain" className={styles.more} onClick={() => void rooms.fetchNextPage()}>{t("action.more")}</Button>
      )}
    </>
  );
};

const RoomLink: FC<{ room: Room; card: boolean }> = ({ room, card }) => {
  const t = useT();
  const people = card
    ? t("rooms.people", { count: room.online, max: room.max_user })
    : t("rooms.peopleShort", { count: room.online });
  return (
    <NavLink className={cx(styles.room, card && styles.card)} to={roomPath(room.room_id)}>
      <span className={styles.name} dir="auto">{room.name}</span>
      <UnreadCount room={room} />
      <span className={styles.meta}>{card ? `${people} · ${t(retentionPhrase(room.retention_in))}` : people}</span>
    </NavLink>
  );
};
