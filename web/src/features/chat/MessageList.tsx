import { ArrowDown } from "lucide-react";
import { useEffect, useMemo, type FC } from "react";

import { dayName } from "../../shared/i18n/dates";
import { useT } from "../../shared/i18n/i18n";
import { useMinute } from "../../shared/lib/hooks";
import { Button } from "../../shared/ui/Button";
import { cx } from "../../shared/ui/cx";
import type { PendingActions } from "./Failure";
import styles from "./MessageList.module.css";
import { MessageRow } from "./MessageRow";
import { PendingRow } from "./PendingRow";
import type { RoomSnapshot } from "./RoomConnection";
import type { LineActions } from "./RowActions";
import { rowsOf } from "./rows";
import { standing } from "./timeline";
import { useStickyScroll } from "./useStickyScroll";

interface Props {
  room: RoomSnapshot;
  highlighted: number | null;
  /** How many messages of others came in while they could not be seen. */
  unseen: number;
  actions: LineActions;
  pendingActions: PendingActions;
  onNearStart: () => void;
  /** Called when the newest message comes into sight or leaves it. */
  onAtEnd: (atEnd: boolean) => void;
}

const NEW_LINE_ID = "new-messages";

/** The messages of a room, oldest first, and what of one's own is still under way. */
export const MessageList: FC<Props> = ({ room, highlighted, unseen, actions, pendingActions, onNearStart, onAtEnd }) => {
  const t = useT();
  const now = useMinute();
  const lines = useMemo(
    () => standing(room.timeline.lines, room.room?.retention_in, now),
    [room.timeline.lines, room.room?.retention_in, now],
  );
  const rows = useMemo(() => rowsOf(lines, room.unreadFrom, room.pending), [lines, room.unreadFrom, room.pending]);
  const bySeq = useMemo(() => new Map(lines.map((line) => [line.seq, line])), [lines]);
  const unsent = room.pending.filter(({ command, echo }) => command.kind === "send" && echo === null);
  const lastKey = `${lines.at(-1)?.seq ?? 0} ${unsent.length}`;
  const { scroller, column, atEnd, onScroll, toEnd } = useStickyScroll(lines[0]?.seq ?? null, lastKey, room.unreadFrom === null ? null : NEW_LINE_ID, onNearStart);
  useEffect(() => onAtEnd(atEnd), [atEnd, onAtEnd]);

  // Whoever sends wants to see it, wherever they were reading.
  const newestUnsent = unsent.at(-1)?.command.id;
  useEffect(() => {
    if (newestUnsent !== undefined) toEnd();
  }, [newestUnsent, toEnd]);

  return (
    <div className={styles.frame}>
      {/* Keyboard users scroll it, so it can be focused. */}
      <div ref={scroller} className={styles.scroller} onScroll={onScroll} tabIndex={0} role="region" aria-label={t("chat.messages")}>
        <div ref={column} className={styles.column}>
          <ListStart room={room} onRetry={onNearStart} empty={rows.length + unsent.length === 0} />
          <ol>
            {rows.map((row) => {
              switch (row.kind) {
                case "day":
                  return <li key={row.key} className={styles.separator}>{dayName(row.at)}</li>;
                case "new":
                  return <li key={row.key} id={NEW_LINE_ID} className={cx(styles.separator, styles.fresh)}>{t("chat.newLine")}</li>;
                case "line":
                  return (
                    <MessageRow
                      key={row.key}
                      line={row.line}
                      target={row.line.replyTo === null ? undefined : bySeq.get(row.line.replyTo)}
                      mine={row.line.clientId === room.you?.client_id}
                      host={room.you?.is_host ?? false}
                      opensGroup={row.opensGroup}
                      highlighted={row.line.seq === highlighted}
                      change={row.change}
                      actions={actions}
                      pendingActions={pendingActions}
                    />
                  );
              }
            })}
            {unsent.map((pending) => pending.command.kind === "send" && (
              <PendingRow
                key={pending.command.id}
                pending={pending}
                text={pending.command.text}
                live={room.phase === "live"}
                heldUntil={room.heldUntil}
                actions={pendingActions}
              />
            ))}
          </ol>
        </div>
      </div>
      {!atEnd && (
        <Button className={styles.latest} onClick={toEnd}>
          {unseen > 0 ? t("chat.newCount", { count: unseen }) : t("chat.toLatest")} <ArrowDown aria-hidden />
        </Button>
      )}
    </div>
  );
};

const ListStart: FC<{ room: RoomSnapshot; empty: boolean; onRetry: () => void }> = ({ room, empty, onRetry }) => {
  const t = useT();
  const { hasOlder, expiredTo } = room.timeline;
  if (room.history === "failed") {
    return (
      <div className={styles.edge}>
        <p>{t("chat.historyFailed")}</p>
        <Button look="plain" onClick={onRetry}>{t("action.retry")}</Button>
      </div>
    );
  }
  if (room.you === null || (room.history === "loading" && empty)) return <Skeleton />;
  if (room.history === "loading") return <p className={styles.edge}>{t("chat.loadingOlder")}</p>;
  if (hasOlder) return null;
  if (expiredTo > 0) return <p className={styles.edge}>{t("chat.expired")}</p>;
  if (!empty) return <p className={styles.edge}>{t("chat.beginning")}</p>;
  return (
    <div className={styles.empty}>
      <p>{t("chat.empty")}</p>
      <p>{t("chat.emptyHint", { name: room.you.client_name })}</p>
    </div>
  );
};

const Skeleton: FC = () => {
  const t = useT();
  return (
    <div className={styles.skeleton} role="status">
      <span aria-hidden /><span aria-hidden /><span aria-hidden />
      <p className="visually-hidden">{t("chat.loadingRoom")}</p>
    </div>
  );
};
