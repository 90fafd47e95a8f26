import { ArrowLeft, Info } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState, type FC, type ReactNode } from "react";

import type { Room } from "../../shared/api/client";
import { useT } from "../../shared/i18n/i18n";
import { retentionPhrase } from "../../shared/i18n/retention";
import { copyText } from "../../shared/lib/copyText";
import { useAfter, useVisible } from "../../shared/lib/hooks";
import { personalKey } from "../../shared/lib/personal";
import { Button, IconButton, IconLink } from "../../shared/ui/Button";
import { later } from "../../shared/ui/later";
import { useTitle } from "../../shared/ui/useTitle";
import { Announcer } from "./Announcer";
import styles from "./ChatPane.module.css";
import { Composer, type Purpose } from "./Composer";
import { ConnectionBanner } from "./ConnectionBanner";
import { focusRow } from "./focusRow";
import { RoomEnded, RoomFull } from "./RoomEnded";
import type { RoomConnection } from "./RoomConnection";
import type { RoomSnapshot } from "./RoomSnapshot";
import type { LineActions } from "./RowActions";
import type { Line } from "./timeline";
import { messageLink, useReach } from "./useReach";
import { useReplyTarget } from "./useReplyTarget";
import { useConnection, useRoom } from "./useRoom";
import { useSlash } from "./useSlash";

interface Props {
  roomId: string;
  accountId: string;
  /** What is known of the room before the connection is there. */
  known: Room;
  /** What stands at the side when a person asks about the room. */
  drawer: (room: Room, open: boolean, onClose: () => void) => ReactNode;
  /** The room has changed, or this person has read on. */
  onRoom: (room: Room) => void;
}

/** Comes while the connection is made; nothing could be shown in it before. */
const MessageList = lazy(async () => ({ default: (await import("./MessageList")).MessageList }));
const DeleteMessageDialog = later(async () => (await import("./ModerationDialogs")).DeleteMessageDialog);
const HereDialog = later(async () => (await import("./HereDialog")).HereDialog);
const RemoveMemberDialog = later(async () => (await import("./ModerationDialogs")).RemoveMemberDialog);

/** A dialog that closes takes the focus back first. */
const AFTER_DIALOG_MS = 300;

/** A conversation. Must be keyed by room and account. */
export const ChatPane: FC<Props> = ({ roomId, accountId, known, drawer, onRoom }) => {
  const connection = useConnection(roomId, accountId);
  const snapshot = useRoom(connection);
  const room = snapshot.room ?? known;
  const [details, setDetails] = useState<boolean | null>(null);
  const [explained, setExplained] = useState(false);
  const setAtEnd = useRead(connection, snapshot);
  const unseen = snapshot.unseen.size;
  useTitle(unseen > 0 ? `(${unseen}) ${room.name}` : room.name);
  useReport(snapshot, unseen, onRoom);

  if (snapshot.end !== null) return <RoomEnded end={snapshot.end} />;
  if (snapshot.phase === "full") return <RoomFull room={room} />;
  return (
    <div className={styles.pane}>
      <ChatHead room={room} online={snapshot.room ? snapshot.online : room.online} onExplain={() => setExplained(true)} onDetails={() => setDetails(true)} />
      <ConnectionBanner lostAt={snapshot.lostAt} newBuild={snapshot.newBuild} onRetry={() => connection.retryConnection()} />
      <Conversation connection={connection} snapshot={snapshot} roomId={roomId} accountId={accountId} onExplain={() => setExplained(true)} onAtEnd={setAtEnd} />
      <HereDialog room={room} online={snapshot.online} you={snapshot.you} open={explained} onClose={() => setExplained(false)} />
      {details !== null && drawer({ ...room, online: snapshot.online }, details, () => setDetails(false))}
    </div>
  );
};

interface HeadProps {
  room: Room;
  online: number;
  onExplain: () => void;
  onDetails: () => void;
}

const ChatHead: FC<HeadProps> = ({ room, online, onExplain, onDetails }) => {
  const t = useT();
  const facts = [
    t("rooms.peopleShort", { count: online }),
    t(retentionPhrase(room.retention_in)),
    t(room.visibility === "public" ? "chat.visiblePublic" : "chat.visibleLink"),
  ];
  return (
    <header className={styles.head}>
      <IconLink className={styles.back} to="/" label={t("rooms.allRooms")}><ArrowLeft aria-hidden /></IconLink>
      <div className={styles.title}>
        <h1 dir="auto">{room.name}</h1>
        <button type="button" className={styles.meta} title={t("chat.whoSees")} onClick={onExplain}>{facts.join(" · ")}</button>
      </div>
      <IconButton label={t("rooms.details")} onClick={onDetails}><Info aria-hidden /></IconButton>
    </header>
  );
};

interface ConversationProps {
  connection: RoomConnection;
  snapshot: RoomSnapshot;
  roomId: string;
  accountId: string;
  onExplain: () => void;
  onAtEnd: (atEnd: boolean) => void;
}

/** The list, what is typed under it, and what both ask of each other. */
const Conversation: FC<ConversationProps> = ({ connection, snapshot, roomId, accountId, onExplain, onAtEnd }) => {
  const t = useT();
  const { timeline, you } = snapshot;
  const [replyTo, setReplyTo] = useReplyTarget(personalKey("reply", accountId, roomId));
  const [editing, setEditing] = useState<Line | null>(null);
  const [deleting, setDeleting] = useState<Line | null>(null);
  const [removing, setRemoving] = useState<Line | null>(null);
  const { goal, highlighted, missing, jump, forgetMissing } = useReach(connection, snapshot);
  const typingOver = useAfter(snapshot.typingUntil);

  const actions = useMemo<LineActions>(() => ({
    reply: (line) => {
      setEditing(null);
      setReplyTo(line.seq);
    },
    edit: setEditing,
    delete: setDeleting,
    removeAuthor: setRemoving,
    copyLink: (line) => void copyText(messageLink(roomId, line.seq)),
    jump,
  }), [jump, roomId, setReplyTo]);
  const pendingActions = useMemo(() => ({
    retry: (id: string) => connection.retry(id),
    discard: (id: string) => connection.discard(id),
  }), [connection]);
  const loadOlder = useCallback(() => connection.loadOlder(), [connection]);
  const loadNewer = useCallback(() => connection.loadNewer(), [connection]);
  const showLatest = useCallback(() => void connection.showLatest(), [connection]);
  useSlash();

  const editLast = (): void => {
    const line = timeline.lines.findLast((candidate) => candidate.clientId === you?.client_id && !candidate.deleted);
    if (line) setEditing(line);
  };
  const send = (text: string, replyTo: number | null): void => {
    connection.send(text, replyTo);
    showLatest();
  };
  const remove = (seq: number): void => {
    connection.delete(seq);
    const next = timeline.lines.find((line) => line.seq > seq) ?? timeline.lines.findLast((line) => line.seq < seq);
    if (next) setTimeout(() => focusRow(next.seq), AFTER_DIALOG_MS);
  };

  return (
    <>
      <Suspense fallback={<div className={styles.waiting} />}>
        <MessageList
          room={snapshot}
          goal={goal}
          highlighted={highlighted}
          actions={actions}
          pendingActions={pendingActions}
          onNearStart={loadOlder}
          onNearEnd={loadNewer}
          onLatest={showLatest}
          onAtEnd={onAtEnd}
        />
      </Suspense>
      {missing && (
        <div className={styles.missing} role="alert">
          <p>{t("chat.missing")}</p>
          <Button look="plain" onClick={forgetMissing}>{t("action.close")}</Button>
        </div>
      )}
      <p className={styles.typing}>{typingOver ? "" : t("chat.typing")}</p>
      <Composer
        room={snapshot.room}
        online={snapshot.online}
        you={you}
        accountId={accountId}
        roomId={roomId}
        purpose={purposeOf(editing, replyTo, timeline.lines)}
        onPurposeDone={() => (editing ? setEditing(null) : setReplyTo(null))}
        onSend={send}
        onEdit={(seq, text) => connection.edit(seq, text)}
        onEditLast={editLast}
        onTyping={() => connection.typing()}
        onExplain={onExplain}
      />
      <Announcer heard={snapshot.heard} pending={snapshot.pending} />
      <DeleteMessageDialog line={deleting} onClose={() => setDeleting(null)} onDelete={remove} />
      <RemoveMemberDialog roomId={roomId} line={removing} onClose={() => setRemoving(null)} />
    </>
  );
};

/** An edit comes first; the reply waits with the draft. */
function purposeOf(editing: Line | null, replyTo: number | null, lines: readonly Line[]): Purpose {
  if (editing) return { kind: "edit", line: editing };
  return replyTo === null ? null : { kind: "reply", seq: replyTo, line: lines.find(({ seq }) => seq === replyTo) };
}

/** Takes note of what was read; returns where to tell whether the newest message is in sight. */
function useRead(connection: RoomConnection, { timeline, history, unseen }: RoomSnapshot): (atEnd: boolean) => void {
  const visible = useVisible();
  const [atEnd, setAtEnd] = useState(true);
  const { lastSeq } = timeline;
  const inSight = visible && atEnd && history === "idle";
  useEffect(() => {
    if (inSight) connection.markRead();
  }, [connection, inSight, lastSeq, unseen]);
  return setAtEnd;
}

/** Lets the list of rooms know what changed in this one. */
function useReport({ room, online, timeline }: RoomSnapshot, unread: number, onRoom: (room: Room) => void): void {
  const { lastSeq } = timeline;
  useEffect(() => {
    if (room) onRoom({ ...room, online, unread, head: lastSeq });
  }, [room, online, unread, lastSeq, onRoom]);
}
