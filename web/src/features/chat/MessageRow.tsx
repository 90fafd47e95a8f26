import { memo, useEffect, type FC } from "react";

import { fullDate, timeOfDay } from "../../shared/i18n/dates";
import { useT } from "../../shared/i18n/i18n";
import { AliasGlyph } from "../../shared/ui/AliasGlyph";
import { aliasLook } from "../../shared/ui/aliasLook";
import { cx } from "../../shared/ui/cx";
import { Failure, type PendingActions } from "./Failure";
import { focusRow, rowId } from "./focusRow";
import styles from "./MessageRow.module.css";
import { MessageText } from "./MessageText";
import type { Pending } from "./Outbox";
import { RowActions, type LineActions } from "./RowActions";
import type { Line } from "./timeline";

interface Props {
  line: Line;
  /** The message it answers, where that is loaded. */
  target: Line | undefined;
  /** When retention takes it away; null while it is kept. */
  expiresAt: number | null;
  mine: boolean;
  host: boolean;
  opensGroup: boolean;
  /** Was jumped to just now. */
  highlighted: boolean;
  /** Whether the Tab key leads here. */
  active: boolean;
  /** An edit or deletion that is under way or has failed. */
  change: Pending | null;
  actions: LineActions;
  pendingActions: PendingActions;
}

/** One message. */
export const MessageRow = memo<Props>(function MessageRow(props) {
  const { line, target, expiresAt, mine, host, opensGroup, highlighted, active, change, actions, pendingActions } = props;
  const t = useT();
  useEffect(() => {
    if (highlighted) focusRow(line.seq);
  }, [highlighted, line.seq]);
  const underWay = change !== null && change.failure === null ? change.command : null;
  const deleted = line.deleted || underWay?.kind === "delete";
  const text = underWay?.kind === "edit" ? underWay.text : line.text;
  const id = rowId(line.seq);
  const content = (
    <>
      {line.replyTo !== null && !deleted && <Quote seq={line.replyTo} target={target} onJump={actions.jump} />}
      {deleted ? <p className={styles.deleted}>{t("chat.deleted")}</p> : <MessageText text={text} />}
    </>
  );
  const menu = deleted ? null : (
    <div className={styles.actions}>
      <time className={styles.full} dateTime={new Date(line.at).toISOString()}>{fullDate(line.at)}</time>
      <RowActions line={line} expiresAt={expiresAt} mine={mine} host={host} reachable={active} actions={actions} />
    </div>
  );
  return (
    <div
      id={id}
      role="article"
      aria-labelledby={`${id}-by ${id}-text`}
      tabIndex={active ? 0 : -1}
      data-seq={line.seq}
      className={cx(styles.row, mine && styles.mine, opensGroup && styles.opens, highlighted && styles.highlight, underWay && styles.unsent)}
    >
      {!mine && opensGroup && <AliasGlyph clientId={line.clientId} />}
      <div className={styles.body}>
        <Author id={`${id}-by`} line={line} expiresAt={expiresAt} mine={mine} shown={opensGroup} />
        <div id={`${id}-text`} className={mine ? styles.line : styles.content}>
          {mine ? <>{menu}<div className={styles.bubble}>{content}</div></> : content}
        </div>
        {line.editedAt !== null && !deleted && <span className={styles.note} title={fullDate(line.editedAt)}>{t("chat.edited")}</span>}
        {change?.failure && <Failure pending={change} failure={change.failure} actions={pendingActions} />}
      </div>
      {!mine && menu}
    </div>
  );
});

/** Who wrote it and when; only for those who cannot see it where the message before says so. */
const Author: FC<Pick<Props, "line" | "expiresAt" | "mine"> & { id: string; shown: boolean }> = ({ id, line, expiresAt, mine, shown }) => {
  const t = useT();
  const name = mine ? t("chat.you") : line.clientName;
  const dates = expiresAt === null ? fullDate(line.at) : `${fullDate(line.at)}. ${t("chat.vanishesAt", { date: fullDate(expiresAt) })}`;
  const time = <time className={styles.time} dateTime={new Date(line.at).toISOString()} title={dates}>{timeOfDay(line.at)}</time>;
  if (!shown) return <span id={id} className="visually-hidden">{name}, {time}</span>;
  return (
    <div id={id} className={styles.head}>
      <span className={cx(styles.name, aliasLook(line.clientId).ink)}>{name}</span>
      {time}
    </div>
  );
};

interface QuoteProps {
  seq: number;
  target: Line | undefined;
  onJump: (seq: number) => void;
}

/** What a message answers, with the way to it; that may lead outside of what is loaded. */
const Quote: FC<QuoteProps> = ({ seq, target, onJump }) => {
  const t = useT();
  if (target?.deleted) return <span className={styles.reply}>{t("chat.replyGone")}</span>;
  return (
    <button
      type="button"
      className={styles.reply}
      title={target ? t("chat.jump", { name: target.clientName }) : t("chat.jumpFar")}
      onClick={() => onJump(seq)}
    >
      {target ? <><b>{target.clientName}</b> <span dir="auto">{target.text}</span></> : t("chat.replyFar")}
    </button>
  );
};
