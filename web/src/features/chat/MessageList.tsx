import { ArrowDown } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, type FC, type OlHTMLAttributes } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";

import { dayName } from "../../shared/i18n/dates";
import { useT } from "../../shared/i18n/i18n";
import { useMinute } from "../../shared/lib/hooks";
import { Button } from "../../shared/ui/Button";
import { cx } from "../../shared/ui/cx";
import type { PendingActions } from "./Failure";
import { Empty, HistoryNote, Skeleton, Start } from "./ListEdges";
import styles from "./MessageList.module.css";
import { MessageRow } from "./MessageRow";
import { PendingRow } from "./PendingRow";
import type { RoomSnapshot } from "./RoomSnapshot";
import type { LineActions } from "./RowActions";
import { rowsOf, type Row } from "./rows";
import { expiryOf, standing, type Line } from "./timeline";
import { useEnd } from "./useEnd";
import { useListScroll, useShift, type Goal } from "./useListScroll";
import { useLongPress } from "./useLongPress";
import { useRoving } from "./useRoving";

interface Props {
  room: RoomSnapshot;
  /** The message that was jumped to last, and whether it is still marked. */
  goal: Goal | null;
  highlighted: number | null;
  actions: LineActions;
  pendingActions: PendingActions;
  onNearStart: () => void;
  onNearEnd: () => void;
  /** Asks for the newest messages where others are shown. */
  onLatest: () => void;
  /** Called when the newest message comes into sight or leaves it. */
  onAtEnd: (atEnd: boolean) => void;
}

/** Rows beyond what is in sight are drawn this far, so that fast scrolling shows no blanks. */
const SPARE_PX = 800;
/** The space above the first row. */
const START_PX = 16;

/** The messages of a room, oldest first, and what of one's own is still under way. */
export const MessageList: FC<Props> = ({ room, goal, highlighted, actions, pendingActions, onNearStart, onNearEnd, onLatest, onAtEnd }) => {
  const t = useT();
  const { timeline, you, history } = room;
  const { stretch, hasNewer } = timeline;
  const [rows, bySeq] = useRows(room);
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const { atEnd, onScroll, onResize, toEnd } = useListScroll({ list, rows, stretch, hasNewer, goal, onNearStart, onNearEnd });
  const shift = useShift(rows[0]?.key, stretch);
  const { active, held, ...roving } = useRoving(rows, list);
  const pressing = useLongPress();
  useEffect(() => onAtEnd(atEnd), [atEnd, onAtEnd]);
  const latest = useCallback(() => (hasNewer ? onLatest() : toEnd()), [hasNewer, onLatest, toEnd]);
  useEnd(latest);

  const draw = (row: Row) => {
    switch (row.kind) {
      case "start":
        return <Start key={row.key} expired={row.expired} />;
      case "day":
        return <div key={row.key} className={styles.separator}>{dayName(row.at)}</div>;
      case "new":
        return <div key={row.key} className={cx(styles.separator, styles.fresh)}>{t("chat.newLine")}</div>;
      case "line":
        return (
          <MessageRow
            key={row.key}
            line={row.line}
            target={row.line.replyTo === null ? undefined : bySeq.get(row.line.replyTo)}
            expiresAt={expiryOf(row.line, room.room?.retention_in)}
            mine={row.line.clientId === you?.client_id}
            host={you?.is_host ?? false}
            opensGroup={row.opensGroup}
            highlighted={row.line.seq === highlighted}
            active={row.line.seq === active}
            change={row.change}
            actions={actions}
            pendingActions={pendingActions}
          />
        );
      case "unsent":
        return <PendingRow key={row.key} pending={row.pending} text={row.text} live={room.phase === "live"} heldUntil={room.heldUntil} actions={pendingActions} />;
    }
  };

  return (
    <div className={styles.frame}>
      <div ref={scroller} className={styles.scroller} role="region" aria-label={t("chat.messages")} {...roving} {...pressing}>
        {/* Few messages stand at the bottom, beside the composer. */}
        <div className={styles.space} />
        <div className={styles.column}>
          <Virtualizer
            key={stretch}
            ref={list}
            as={List}
            item="li"
            data={rows}
            shift={shift}
            scrollRef={scroller}
            bufferSize={SPARE_PX}
            startMargin={START_PX}
            keepMounted={held}
            onScroll={onScroll}
            onResize={onResize}
          >
            {draw}
          </Virtualizer>
        </div>
      </div>
      {rows.length === 0 && (you === null || history === "loading") && <Skeleton />}
      {rows.length === 0 && you !== null && history === "idle" && <Empty name={you.client_name} />}
      {rows.length > 0 && history === "loading" && <HistoryNote text={t("chat.loadingOlder")} />}
      {history === "failed" && <HistoryNote text={t("chat.historyFailed")} onRetry={rows.length > 0 ? onNearStart : undefined} />}
      {!atEnd && rows.length > 0 && (
        <Button className={styles.latest} onClick={latest}>
          {room.unseen.size > 0 ? t("chat.newCount", { count: room.unseen.size }) : t("chat.toLatest")} <ArrowDown aria-hidden />
        </Button>
      )}
    </div>
  );
};

/** A list without bullets is none to some screen readers unless it says so. */
const List: FC<OlHTMLAttributes<HTMLOListElement>> = (props) => <ol role="list" {...props} />;

function useRows({ timeline, room, unreadFrom, pending }: RoomSnapshot): [readonly Row[], ReadonlyMap<number, Line>] {
  const now = useMinute();
  const lines = useMemo(() => standing(timeline.lines, room?.retention_in, now), [timeline.lines, room?.retention_in, now]);
  const { hasOlder, lastSeq } = timeline;
  const rows = useMemo(() => rowsOf({ lines, hasOlder, lastSeq }, unreadFrom, pending), [lines, hasOlder, lastSeq, unreadFrom, pending]);
  const bySeq = useMemo(() => new Map(lines.map((line) => [line.seq, line])), [lines]);
  return [rows, bySeq];
}
