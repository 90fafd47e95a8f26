import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { FC } from "react";

import { shortDate } from "../../shared/i18n/dates";
import { explain } from "../../shared/i18n/explain";
import { useT } from "../../shared/i18n/i18n";
import { Button } from "../../shared/ui/Button";
import { Notice } from "../../shared/ui/Notice";
import { Skeleton } from "../../shared/ui/Page";
import { endSession, listSessions, type SessionView } from "./accountApi";
import styles from "./AccountPage.module.css";

const KEY = ["sessions"];

/** Where this account is logged in; the others can be ended from here. */
export const SessionList: FC = () => {
  const t = useT();
  const client = useQueryClient();
  const sessions = useQuery({ queryKey: KEY, queryFn: ({ signal }) => listSessions(signal) });
  const ending = useMutation({
    mutationFn: endSession,
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
  const failure = sessions.error ?? ending.error;
  return (
    <>
      {sessions.isPending && <Skeleton text={t("action.loading")} />}
      {failure && (
        <Notice look="danger" text={explain(failure)}>
          <Button onClick={() => void sessions.refetch()}>{t("action.retry")}</Button>
        </Notice>
      )}
      <ul className={styles.sessions}>
        {sessions.data?.map((session) => (
          <SessionRow key={session.session_id} session={session} onEnd={() => ending.mutate(session.session_id)} />
        ))}
      </ul>
    </>
  );
};

const SessionRow: FC<{ session: SessionView; onEnd: () => void }> = ({ session, onEnd }) => {
  const t = useT();
  const date = shortDate(session.created_at);
  const used = shortDate(session.last_used_at);
  return (
    <li className={styles.session}>
      <div>
        <p className={styles.name}>{t(session.current ? "account.sessionCurrent" : "account.sessionOther")}</p>
        <p className={styles.meta}>{t("account.sessionSince", { date, used })}</p>
      </div>
      {!session.current && <Button onClick={onEnd}>{t("account.sessionEnd")}</Button>}
    </li>
  );
};
