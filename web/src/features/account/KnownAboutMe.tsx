import { useMutation } from "@tanstack/react-query";
import type { FC, ReactNode } from "react";
import { Link } from "react-router";

import { useSessionStatus } from "../../shared/api/useSession";
import { shortDate } from "../../shared/i18n/dates";
import { explain } from "../../shared/i18n/explain";
import { useT } from "../../shared/i18n/i18n";
import { roomPath } from "../../shared/lib/roomLink";
import { Button } from "../../shared/ui/Button";
import { Notice } from "../../shared/ui/Notice";
import { Section, Skeleton } from "../../shared/ui/Page";
import { saveOwnData, useOwnData, type OwnData } from "./accountApi";
import styles from "./AccountPage.module.css";
import { DeleteAccountForm } from "./DeleteAccountForm";

/** What the server holds about the person who is logged in; nothing for anybody else. */
export const KnownAboutMe: FC = () => (useSessionStatus() === "in" ? <Known /> : null);

const Known: FC = () => {
  const t = useT();
  const { data, error, isPending, refetch } = useOwnData();
  return (
    <>
      <Section title={t("privacy.mineTitle")} hint={t("privacy.mineHint")}>
        {isPending && <div className={styles.coming}><Skeleton text={t("action.loading")} /></div>}
        {error && (
          <Notice look="danger" text={explain(error)}>
            <Button onClick={() => void refetch()}>{t("action.retry")}</Button>
          </Notice>
        )}
        {data && <Account account={data.account} />}
      </Section>
      {data && (
        <>
          <Section title={t("account.sessions")} hint={t("account.sessionsHint")}>
            <ul className={styles.sessions}>{data.sessions.map((session) => <SessionRow key={session.session_id} session={session} />)}</ul>
          </Section>
          <Section title={t("privacy.roomsTitle")} hint={t("privacy.mineRooms")}>
            {data.rooms.length === 0 && <p className={styles.meta}>{t("rooms.mineEmpty")}</p>}
            <ul className={styles.sessions}>{data.rooms.map((room) => <RoomRow key={room.room_id} room={room} />)}</ul>
          </Section>
          <Section title={t("privacy.exportTitle")} hint={t("privacy.exportHint")}><ExportButton /></Section>
          <Section title={t("account.deleteTitle")} hint={t("account.deleteHint")}><DeleteAccountForm /></Section>
        </>
      )}
    </>
  );
};

const Account: FC<{ account: OwnData["account"] }> = ({ account }) => {
  const t = useT();
  return (
    <div className={styles.facts}>
      <p>{t("privacy.mineLogin", { login: account.login })}</p>
      <p>{account.email == null ? t("privacy.mineNoEmail") : t("privacy.mineEmail", { email: account.email })}</p>
      <p>{t("privacy.mineSince", { date: shortDate(account.created_at) })}</p>
      <p>{t("privacy.minePassword", { kind: account.password.algorithm })}</p>
      <p>{t("privacy.mineId", { id: account.id })}</p>
    </div>
  );
};

const SessionRow: FC<{ session: OwnData["sessions"][number] }> = ({ session }) => {
  const t = useT();
  const dates = t("account.sessionSince", { date: shortDate(session.created_at), used: shortDate(session.last_used_at) });
  return (
    <Row title={t(session.current ? "account.sessionCurrent" : "account.sessionOther")}>
      {session.ended_at == null ? dates : `${dates} · ${t("privacy.sessionEnded", { date: shortDate(session.ended_at) })}`}
    </Row>
  );
};

const RoomRow: FC<{ room: OwnData["rooms"][number] }> = ({ room }) => {
  const t = useT();
  const facts = [
    room.client_name == null ? t("privacy.roomGone") : t("privacy.roomName", { name: room.client_name }),
    t("privacy.roomMessages", { count: room.message_count }),
    ...(room.is_host ? [t("rooms.host")] : []),
    ...(room.banned ? [t("privacy.roomBanned")] : []),
    ...(room.joined || room.banned || room.name == null ? [] : [t("privacy.roomLeft")]),
  ];
  const name = room.name == null ? room.room_id : <Link to={roomPath(room.room_id)} dir="auto">{room.name}</Link>;
  return <Row title={name}>{facts.join(" · ")}</Row>;
};

const Row: FC<{ title: ReactNode; children: string }> = ({ title, children }) => (
  <li className={styles.session}>
    <div className={styles.facts}>
      <p className={styles.name}>{title}</p>
      <p className={styles.meta}>{children}</p>
    </div>
  </li>
);

const ExportButton: FC = () => {
  const t = useT();
  const saving = useMutation({ mutationFn: saveOwnData });
  return (
    <>
      <div><Button busy={saving.isPending} onClick={() => saving.mutate()}>{t("privacy.export")}</Button></div>
      {saving.isError && <Notice look="danger" text={explain(saving.error)} />}
      {saving.isSuccess && <p className={styles.meta} role="status">{t("privacy.exported")}</p>}
    </>
  );
};
