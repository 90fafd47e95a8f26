import { memo } from "react";

import { fullDate, timeOfDay } from "../../shared/i18n/dates";
import { useT } from "../../shared/i18n/i18n";
import { AliasGlyph } from "../../shared/ui/AliasGlyph";
import { aliasLook } from "../../shared/ui/aliasLook";
import { cx } from "../../shared/ui/cx";
import { Failure, type PendingActions } from "./Failure";
import styles from "./MessageRow.module.css";
import { MessageText } from "./MessageText";
import type { Pending } from "./Outbox";
import { RowActions, type LineActions } from "./RowActions";
import type { Line } from "./timeline";

interface Props {
  line: Line;
  /** The message it answers, where that is loaded. */
  target: Line | undefined;
  mine: boolean;
  host: boolean;
  opensGroup: boolean;
  highlighted: boolean;
  /** An edit or deletion that is under way or has failed. */
  change: Pending | null;
  actions: LineActions;
  pendingActions: PendingActions;
}

/** One message. */
export const MessageRow = memo<Props>(function MessageRow(props) {
  const { line, target, mine, host, opensGroup, highlighted, change, actions, pendingActions } = props;
  const t = useT();
  const underWay = change !== null && change.failure === null ? change.command : null;
  const deleted = line.deleted || underWay?.kind === "delete";
  const text = underWay?.kind === "edit" ? underWay.text : line.text;
  const time = (
    <time className={styles.time} dateTime={new Date(line.at).toISOString()} title={fullDate(line.at)}>{timeOfDay(line.at)}</time>
  );
  const content = (
    <>
      {line.replyTo !== null && !deleted && <Quote target={target} onJump={actions.jump} />}
      {deleted ? <p className={styles.deleted}>{t("chat.deleted")}</p> : <MessageText text={text} />}
    </>
  );
  const menu = deleted ? null : (
    <div className={styles.actions}><RowActions line={line} mine={mine} host={host} actions={actions} /></div>
  );
  return (
    <li
      id={`m${line.seq}`}
      tabIndex={-1}
      className={cx(styles.row, mine && styles.mine, opensGroup && styles.opens, highlighted && styles.highlight, underWay && styles.unsent)}
    >
      {!mine && opensGroup && <AliasGlyph clientId={line.clientId} />}
      <div className={styles.body}>
        {opensGroup && (
          <div className={styles.head}>
            <span className={cx(styles.name, aliasLook(line.clientId).ink)}>{mine ? t("chat.you") : line.clientName}</span>
            {time}
          </div>
        )}
        {!opensGroup && <span className="visually-hidden">{mine ? t("chat.you") : line.clientName}, {time}</span>}
        {mine ? <div className={styles.line}>{menu}<div className={styles.bubble}>{content}</div></div> : content}
        {line.editedAt !== null && !deleted && <span className={styles.note} title={fullDate(line.editedAt)}>{t("chat.edited")}</span>}
        {change?.failure && <Failure pending={change} failure={change.failure} actions={pendingActions} />}
      </div>
      {!mine && menu}
    </li>
  );
});

const Quote = ({ target, onJump }: { target: Line | undefined; onJump: (seq: number) => void }) => {
  const t = useT();
  if (!target || target.deleted) return <span className={styles.reply}>{t("chat.replyGone")}</span>;
  return (
    <button
      type="button"
      className={styles.reply}
      title={t("chat.jump", { name: target.clientName })}
      onClick={() => onJump(target.seq)}
    >
      <b>{target.clientName}</b> <span dir="auto">{target.text}</span>
    </button>
  );
};
