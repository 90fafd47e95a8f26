import type { Room } from "../../shared/api/client";
import { randomId } from "../../shared/lib/randomId";
import { parseFrame, type ClientFrame, type CommandError, type RoomEvent, type ServerFrame, type Welcome } from "../../shared/protocol/frames";
import { LiveSocket, type Ending, type Verdict } from "../../shared/socket/LiveSocket";
import { meaningOf } from "./endings";
import { HistoryLoader, type LoadHistory } from "./HistoryLoader";
import type { Outbox } from "./Outbox";
import { beforeArrival, type RoomSnapshot } from "./RoomSnapshot";
import { firstUnread } from "./rows";
import { emptyTimeline, expire, fold, lineOf, trimmed, type Timeline } from "./timeline";

export interface Resume {
  since: number;
  epoch: string;
}

/** What the connection needs from outside; tests give their own. */
export interface RoomDoors {
  /** Starts the handshake; with nothing to resume from, the server replays nothing. */
  openSocket: (resume: Resume | null) => Promise<WebSocket>;
  loadRoom: () => Promise<Room>;
  loadHistory: LoadHistory;
  /** A token for a live socket whose own is about to end. */
  freshToken: () => Promise<string>;
  outbox: Outbox;
  /** Keeps in mind what the person is called in this room. */
  rememberAlias: (name: string) => void;
  /** Whether this page is older than the UI that the server carries. */
  isNewerBuild: (build: string) => boolean;
}

const TYPING_SHOWN_MS = 5_000;
const TYPING_EVERY_MS = 3_000;
const READ_EVERY_MS = 1_000;
const STORAGE_PAUSE_MS = 3_000;
/** As many messages that came in are kept for being spoken. */
const MOST_HEARD = 20;

/**
 * One room as this page knows it: the socket, what was heard over it, and what waits to be sent.
 * Lives outside React; React only watches.
 */
export class RoomConnection {
  #snapshot: RoomSnapshot;
  #epoch: string | null = null;
  #lastTyping = 0;
  #lastRead = 0;
  /** How many messages were unread on arrival; null once that is shown. */
  #unreadOnArrival: number | null = null;
  #readTimer: ReturnType<typeof setTimeout> | undefined;
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #watchers = new Set<() => void>();
  readonly #doors: RoomDoors;
  readonly #socket: LiveSocket;
  readonly #history: HistoryLoader;

  constructor(doors: RoomDoors) {
    this.#doors = doors;
    this.#snapshot = beforeArrival(doors.outbox.pending);
    this.#history = new HistoryLoader((where, limit) => this.#doors.loadHistory(where, limit), {
      timeline: () => this.#snapshot.timeline,
      show: (change) => this.#set({ ...change, ...this.#arrived(change.timeline) }),
    });
    this.#socket = new LiveSocket({
      connect: () => doors.openSocket(this.#resume()),
      opened: () => undefined,
      heard: (text) => this.#hear(text),
      ended: (ending) => this.#judge(ending),
      waiting: (retryAt) => this.#set({ retryAt }),
    });
  }

  readonly snapshot = (): RoomSnapshot => this.#snapshot;

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** Connects; returns what disconnects. Both may happen any number of times. */
  readonly start = (): (() => void) => {
    this.#socket.start();
    return () => {
      clearTimeout(this.#readTimer);
      clearTimeout(this.#flushTimer);
      this.#history.stop();
      this.#doors.outbox.interrupt();
      this.#socket.stop();
    };
  };

  /** Puts a message into the list and on its way, now or when there is a connection again. */
  send(text: string, replyTo: number | null): void {
    this.#ask({ kind: "send", id: randomId(), text, replyTo, madeAt: Date.now() });
  }

  edit(target: number, text: string): void {
    this.#ask({ kind: "edit", id: randomId(), target, text, madeAt: Date.now() });
  }

  delete(target: number): void {
    this.#ask({ kind: "delete", id: randomId(), target, madeAt: Date.now() });
  }

  retry(id: string): void {
    this.#doors.outbox.retry(id);
    this.#flush();
  }

  discard(id: string): void {
    this.#doors.outbox.discard(id);
    this.#flush();
  }

  retryConnection(): void {
    this.#socket.retryNow();
  }

  /** Tells the room that somebody is typing, no oftener than the room passes on. */
  typing(): void {
    if (Date.now() - this.#lastTyping < TYPING_EVERY_MS) return;
    if (this.#write({ type: "typing" })) this.#lastTyping = Date.now();
  }

  /** Everything up to the newest message was on the screen. */
  markRead(): void {
    const { timeline, unseen } = this.#snapshot;
    const shorter = trimmed(timeline, "oldest");
    if (unseen.size > 0 || shorter !== timeline) this.#set({ unseen: new Set(), timeline: shorter });
    if (timeline.lastSeq <= this.#lastRead || this.#readTimer !== undefined) return;
    this.#readTimer = setTimeout(() => {
      this.#readTimer = undefined;
      const newest = this.#snapshot.timeline.lastSeq;
      if (this.#write({ type: "read", seq: newest })) this.#lastRead = newest;
    }, READ_EVERY_MS);
  }

  /** Loads the page of messages before the oldest one that is there. */
  loadOlder(): void {
    this.#history.older();
  }

  /** Loads the page of messages after the newest one that is there. */
  loadNewer(): void {
    this.#history.newer();
  }

  /** Exchanges the messages shown for the newest ones, where these are others. */
  async showLatest(): Promise<void> {
    if (this.#snapshot.timeline.hasNewer) await this.#history.latest();
  }

  /** Makes sure that a message is among those shown; false when it does not exist any more. */
  async reach(seq: number): Promise<boolean> {
    const shown = this.#snapshot.timeline.lines.some((line) => line.seq === seq);
    return shown || (await this.#history.around(seq));
  }

  /** The first history of a visit also tells what is new to the reader. */
  #arrived(timeline: Timeline | undefined): Partial<RoomSnapshot> {
    const { you } = this.#snapshot;
    if (!timeline || !you || this.#unreadOnArrival === null) return {};
    const unreadFrom = firstUnread(timeline.lines, this.#unreadOnArrival, you.client_id);
    this.#unreadOnArrival = null;
    if (unreadFrom === null) return { unreadFrom };
    const unread = timeline.lines.filter((line) => line.seq >= unreadFrom && line.clientId !== you.client_id && !line.deleted);
    return { unreadFrom, unseen: new Set(unread.map(({ seq }) => seq)) };
  }

  #resume(): Resume | null {
    return this.#epoch === null ? null : { since: this.#snapshot.timeline.lastSeq, epoch: this.#epoch };
  }

  #hear(text: string): void {
    const frame = parseFrame(text);
    if (frame) this.#take(frame);
  }

  #take(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        this.#arrive(frame);
        break;
      case "message":
      case "edit":
      case "delete":
        this.#fold(frame);
        break;
      case "ack":
        this.#doors.outbox.acknowledge(frame.id, frame.seq, this.#snapshot.timeline.lastSeq);
        this.#flush();
        break;
      case "room":
        this.#set({ room: { ...this.#snapshot.room, ...frame.room }, online: frame.room.online });
        break;
      case "presence":
        this.#set({ online: frame.online });
        break;
      case "typing":
        this.#set({ typingUntil: Date.now() + TYPING_SHOWN_MS });
        break;
      case "expired":
        this.#set({ timeline: expire(this.#snapshot.timeline, frame.to) });
        break;
      case "reset":
        this.#startAfresh(frame.head);
        break;
      case "auth_expiring":
        void this.#renewToken();
        break;
      case "pong":
        break;
      case "error":
        this.#refused(frame);
        break;
    }
  }

  #arrive(welcome: Welcome): void {
    this.#socket.settle();
    const first = this.#epoch === null;
    this.#epoch = welcome.epoch;
    this.#doors.rememberAlias(welcome.you.client_name);
    this.#set({
      phase: "live",
      lostAt: null,
      room: welcome.room,
      you: welcome.you,
      online: welcome.room.online,
      newBuild: this.#doors.isNewerBuild(welcome.build),
    });
    if (first) this.#startAfresh(welcome.head);
    this.#flush();
  }

  #startAfresh(head: number): void {
    const unread = this.#snapshot.room?.unread ?? 0;
    this.#unreadOnArrival = unread;
    this.#set({ timeline: emptyTimeline(head, this.#snapshot.timeline.stretch + 1), history: head > 0 ? "loading" : "idle" });
    this.#doors.outbox.settle(head);
    if (head > 0) this.#history.begin(unread);
  }

  #fold(event: RoomEvent): void {
    const { timeline, you } = this.#snapshot;
    if (event.seq > timeline.lastSeq + 1) {
      // Something was lost on the way; the server replays it to a connection that asks.
      this.#socket.reconnect();
      return;
    }
    const next = fold(timeline, event);
    if (next === timeline) return;
    if (event.type === "message" && event.client_id === you?.client_id) {
      this.#doors.outbox.recognise(event.seq, event.message);
    }
    this.#doors.outbox.settle(next.lastSeq);
    this.#set({ timeline: next, pending: this.#doors.outbox.pending, ...this.#noticed(event) });
  }

  /** What an event changes besides the timeline. */
  #noticed(event: RoomEvent): Partial<RoomSnapshot> {
    const { heard, unseen, you } = this.#snapshot;
    if (event.type === "delete") return { unseen: new Set([...unseen].filter((seq) => seq !== event.target)) };
    if (event.type !== "message") return {};
    if (event.client_id === you?.client_id) return { typingUntil: 0 };
    return { typingUntil: 0, unseen: new Set([...unseen, event.seq]), heard: [...heard, lineOf(event)].slice(-MOST_HEARD) };
  }

  #ask(command: Parameters<Outbox["add"]>[0]): void {
    this.#doors.outbox.add(command);
    this.#flush();
  }

  #flush(): void {
    const { heldUntil, phase } = this.#snapshot;
    const held = heldUntil !== null && Date.now() < heldUntil;
    if (phase === "live" && !held) this.#doors.outbox.flush((frame) => this.#write(frame));
    this.#set({ pending: this.#doors.outbox.pending, heldUntil: held ? heldUntil : null });
  }

  #refused({ code, id, retry_after }: CommandError): void {
    if (code === "rate_limited" || code === "storage_unavailable") {
      if (id !== undefined) this.#doors.outbox.postpone(id);
      const pause = retry_after === undefined ? STORAGE_PAUSE_MS : retry_after * 1000;
      const heldUntil = Math.max(this.#snapshot.heldUntil ?? 0, Date.now() + pause);
      this.#set({ heldUntil });
      clearTimeout(this.#flushTimer);
      this.#flushTimer = setTimeout(() => this.#flush(), heldUntil - Date.now());
    } else if (id !== undefined) {
      this.#doors.outbox.fail(id, code);
      this.#flush();
    }
  }

  async #renewToken(): Promise<void> {
    try {
      this.#write({ type: "auth", token: await this.#doors.freshToken() });
    } catch {
      // The server then closes the socket with 4401, which is judged like any other end.
    }
  }

  async #judge(ending: Ending): Promise<Verdict> {
    this.#doors.outbox.interrupt();
    const { phase, lostAt } = this.#snapshot;
    this.#set({ phase: phase === "live" ? "reconnecting" : phase, lostAt: lostAt ?? Date.now() });
    const meaning = await meaningOf(ending, this.#epoch !== null, this.#doors);
    switch (meaning.kind) {
      case "again":
        return { ...meaning, retry: true };
      case "full":
        this.#set({ phase: "full", room: meaning.room, online: meaning.room.online });
        return { retry: true, notBefore: meaning.notBefore };
      case "over":
        this.#set({ phase: "ended", end: meaning.end, lostAt: null });
        return { retry: false };
    }
  }

  #write(frame: ClientFrame): boolean {
    return this.#socket.send(JSON.stringify(frame));
  }

  #set(change: Partial<RoomSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const watcher of this.#watchers) watcher();
  }
}
