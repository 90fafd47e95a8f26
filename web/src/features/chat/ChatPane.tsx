import { ArrowLeft, Info } from "lucide-react";
import { useCallback, useEffect, useMemo, useState, type FC, type ReactNode } from "react";

import type { Room } from "../../shared/api/client";
import { useT } from "../../shared/i18n/i18n";
import { retentionPhrase } from "../../shared/i18n/retention";
import { useAfter, useVisible } from "../../shared/lib/hooks";
import { personalKey } from "../../shared/lib/personal";
import { IconButton, IconLink } from "../../shared/ui/Button";
import { later } from "../../shared/ui/later";
import { useTitle } from "../../shared/ui/useTitle";
import { Announcer } from "./Announcer";
import styles from "./ChatPane.module.css";
import { Composer, type Purpose } from "./Composer";
import { ConnectionBanner } from "./ConnectionBanner";
import { MessageList } from "./MessageList";
import { RoomEnded, RoomFull } from "./RoomEnded";
import type { RoomConnection, RoomSnapshot } from "./RoomConnection";
import type { LineActions } from "./RowActions";
import type { Line } from "./timeline";
import { useConnection, useRoom } from "./useRoom";

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

const DeleteMessageDialog = later(async () => (await import("./ModerationDialogs")).DeleteMessageDialog);
const RemoveMemberDialog = later(async () => (await import("./ModerationDialogs")).RemoveMemberDialog);

const HIGHLIGHT_MS = 2_000;

/** A conversation. Must be keyed by room and account. */
export const ChatPane: FC<Props> = ({ roomId, accountId, known, drawer, onRoom }) => {
  const connection = useConnection(roomId, accountId);
  const snapshot = useRoom(connection);
  const room = snapshot.room ?? known;
  const [details, setDetails] = useState<boolean | null>(null);
  const [unseen, setAtEnd] = useUnseen(connection, snapshot);
  useTitle(unseen > 0 ? `(${unseen}) ${room.name}` : room.name);
  useReport(snapshot, unseen, onRoom);

  if (snapshot.end !== null) return <RoomEnded end={snapshot.end} />;
  if (snapshot.phase === "full") return <RoomFull room={room} />;
  return (
    <div className={styles.pane}>
      <ChatHead room={room} online={snapshot.room ? snapshot.online : room.online} onDetails={() => setDetails(true)} />
      <ConnectionBanner lostAt={snapshot.lostAt} newBuild={snapshot.newBuild} onRetry={() => connection.retryConnection()} />
      <Conversation connection={connection} snapshot={snapshot} roomId={roomId} accountId={accountId} unseen={unseen} onAtEnd={setAtEnd} />
      {details !== null && drawer({ ...room, online: snapshot.online }, details, () => setDetails(false))}
    </div>
  );
};

const ChatHead: FC<{ room: Room; online: number; onDetails: () => void }> = ({ room, online, onDetails }) => {
  const t = useT();
  return (
    <header className={styles.head}>
      <IconLink className={styles.back} to="/" label={t("rooms.allRooms")}><ArrowLeft aria-hidden /></IconLink>
      <div className={styles.title}>
        <h1 dir="auto">{room.name}</h1>
        <p className={styles.meta}>{t("rooms.peopleShort", { count: online })} · {t(retentionPhrase(room.retention_in))}</p>
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
  unseen: number;
  onAtEnd: (atEnd: boolean) => void;
}

/** The list, what is typed under it, and what both ask of each other. */
const Conversation: FC<ConversationProps> = ({ connection, snapshot, roomId, accountId, unseen, onAtEnd }) => {
  const t = useT();
  const { timeline, you } = snapshot;
  const [purpose, setPurpose] = useState<Purpose>(null);
  const [deleting, setDeleting] = useState<Line | null>(null);
  const [removing, setRemoving] = useState<Line | null>(null);
  const [highlighted, jump] = useJump();
  const typingOver = useAfter(snapshot.typingUntil);

  const actions = useMemo<LineActions>(() => ({
    reply: (line) => setPurpose({ kind: "reply", line }),
    edit: (line) => setPurpose({ kind: "edit", line }),
    delete: setDeleting,
    removeAuthor: setRemoving,
    jump,
  }), [jump]);
  const pendingActions = useMemo(() => ({
    retry: (id: string) => connection.retry(id),
    discard: (id: string) => connection.discard(id),
  }), [connection]);
  const loadOlder = useCallback(() => connection.loadOlder(), [connection]);

  const editLast = (): void => {
    const line = timeline.lines.findLast((candidate) => candidate.clientId === you?.client_id && !candidate.deleted);
    if (line) setPurpose({ kind: "edit", line });
  };

  return (
    <>
      <MessageList
        room={snapshot}
        highlighted={highlighted}
        unseen={unseen}
        actions={actions}
        pendingActions={pendingActions}
        onNearStart={loadOlder}
        onAtEnd={onAtEnd}
      />
      <p className={styles.typing}>{typingOver ? "" : t("chat.typing")}</p>
      <Composer
        room={snapshot.room}
        you={you}
        draftKey={personalKey("draft", accountId, roomId)}
        purpose={purpose}
        onPurposeDone={() => setPurpose(null)}
        onSend={(text, replyTo) => connection.send(text, replyTo)}
        onEdit={(seq, text) => connection.edit(seq, text)}
        onEditLast={editLast}
        onTyping={() => connection.typing()}
      />
      <Announcer timeline={timeline} me={you?.client_id ?? null} />
      <DeleteMessageDialog line={deleting} onClose={() => setDeleting(null)} onDelete={(seq) => connection.delete(seq)} />
      <RemoveMemberDialog roomId={roomId} line={removing} onClose={() => setRemoving(null)} />
    </>
  );
};

/** How many messages of others came in unseen, and where to tell whether the newest is in sight. */
function useUnseen(connection: RoomConnection, { timeline, you, seenSeq, history }: RoomSnapshot): [number, (atEnd: boolean) => void] {
  const visible = useVisible();
  const [atEnd, setAtEnd] = useState(true);
  const { lastSeq } = timeline;
  const inSight = visible && atEnd && history === "idle";
  useEffect(() => {
    if (inSight) connection.markRead();
  }, [connection, inSight, lastSeq]);
  const unseen = timeline.lines.filter((line) => line.seq > seenSeq && line.clientId !== you?.client_id && !line.deleted);
  return [seenSeq === 0 ? 0 : unseen.length, setAtEnd];
}

/** Lets the list of rooms know what changed in this one. */
function useReport({ room, online, timeline }: RoomSnapshot, unread: number, onRoom: (room: Room) => void): void {
  const { lastSeq } = timeline;
  useEffect(() => {
    if (room) onRoom({ ...room, online, unread, head: lastSeq });
  }, [room, online, unread, lastSeq, onRoom]);
}

/** Brings a message into sight and marks it for a moment. */
function useJump(): [number | null, (seq: number) => void] {
  const [highlighted, setHighlighted] = useState<number | null>(null);
  useEffect(() => {
    if (highlighted === null) return undefined;
    const timer = setTimeout(() => setHighlighted(null), HIGHLIGHT_MS);
    return () => clearTimeout(timer);
  }, [highlighted]);
  const jump = useCallback((seq: number) => {
    const row = document.getElementById(`m${seq}`);
    row?.scrollIntoView({ block: "center" });
    row?.focus({ preventScroll: true });
    setHighlighted(seq);
  }, []);
  return [highlighted, jump];
}
