import type { FC } from "react";

import { SessionList } from "../features/account/SessionList";
import { RoomList } from "../features/rooms/RoomList";
import { useMyRooms } from "../features/rooms/roomsApi";
import { useMe, useSessionStatus } from "../shared/api/useSession";
import { explain } from "../shared/i18n/explain";
import { useT } from "../shared/i18n/i18n";
import { Button } from "../shared/ui/Button";
import { Notice } from "../shared/ui/Notice";
import { Section } from "../shared/ui/Page";
import styles from "./KnownAboutMe.module.css";

/** What the server tells about the person who is logged in; nothing for anybody else. */
export const KnownAboutMe: FC = () => (useSessionStatus() === "in" ? <Known /> : null);

const Known: FC = () => {
  const t = useT();
  const { data: me, error, refetch } = useMe();
  const rooms = useMyRooms();
  return (
    <>
      <Section title={t("privacy.mineTitle")} hint={t("privacy.mineHint")}>
        {error && (
          <Notice look="danger" text={explain(error)}>
            <Button onClick={() => void refetch()}>{t("action.retry")}</Button>
          </Notice>
        )}
        {me && <p className={styles.fact}>{t("privacy.mineLogin", { login: me.login })}</p>}
        {me && <p className={styles.fact}>{me.email == null ? t("privacy.mineNoEmail") : t("privacy.mineEmail", { email: me.email })}</p>}
      </Section>
      <Section title={t("account.sessions")} hint={t("account.sessionsHint")}><SessionList /></Section>
      <Section title={t("rooms.mine")} hint={t("privacy.mineRooms")}><RoomList rooms={rooms} empty={t("rooms.mineEmpty")} /></Section>
    </>
  );
};
