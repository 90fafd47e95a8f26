import type { Message, Room } from "../../shared/api/client";
import { Problem, type FailureCode } from "../../shared/api/problem";
import { randomId } from "../../shared/lib/randomId";
import { parseFrame, type ClientFrame, type CommandError, type ServerFrame, type Welcome, type You } from "../../shared/protocol/frames";
import { LiveSocket, type Ending, type Verdict } from "../../shared/socket/LiveSocket";
import { Outbox, type Pending } from "./Outbox";
import { firstUnread } from "./rows";
import { emptyTimeline, expire, fold, withHistory, type Timeline } from "./timeline";

/** Why there is no way back into the room. */
export type RoomEnd = "deleted" | "removed" | "not_found" | "logged_out";

export interface RoomSnapshot {
  /** `full`: somebody has to leave first; it is tried again by itself. */
  phase: "connecting" | "live" | "reconnecting" | "full" | "ended";
  end: RoomEnd | null;
  /** Since when there is no connection; null while there is one. */
  lostAt: number | null;
  /** When the next try is due; null while one is under way. */
  retryAt: number | null;
  room: Room | null;
  you: You | null;
  timeline: Timeline;
  pending: readonly Pending[];
  /** Until when sending is held back because the server asked for it. */
  heldUntil: number | null;
  online: number;
  /** Until when somebody counts as typing. */
  typingUntil: number;
  history: "loading" | "idle" | "failed";
  /** The first message that was unread on arrival. */
  unreadFrom: number | null;
  /** Everything up to here was on the screen. */
  seenSeq: number;
  /** The server carries a newer UI than this page. */
  newBuild: boolean;
}

export interface Resume {
  since: number;
  epoch: string;
}

interface MessagePage {
  messages: readonly Message[];
  head: number;
  has_more: boolean;
}

/** What the connection needs from outside; tests give their own. */
export interface RoomDoors {
  /** Starts the handshake; with nothing to resume from, the server replays nothing. */
  openSocket: (resume: Resume | null) => Promise<WebSocket>;
  loadRoom: () => Promise<Room>;
  loadHistory: (before: number | null) => Promise<MessagePage>;
  /** A token for a live socket whose own is about to end. */
  freshToken: () => Promise<string>;
  outbox: Outbox;
}

const TYPING_SHOWN_MS = 5_000;
const TYPING_EVERY_MS = 3_000;
const READ_EVERY_MS = 1_000;
const FULL_RETRY_MS = 5_000;
const FLOOD_PAUSE_MS = 5_000;
const STORAGE_PAUSE_MS = 3_000;
const HISTORY_RETRY_MS = 4_000;

/**
 * One room as this page knows it: the socket, what was heard over it, and what waits to be sent.
 * Lives outside React; React only watches.
 */
export class RoomConnection {
  #snapshot: RoomSnapshot;
  #epoch: string | null = null;
  #build: string | null = null;
  #lastTyping = 0;
  #lastRead = 0;
  #unreadOnArrival = 0;
  #readTimer: ReturnType<typeof setTimeout> | undefined;
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  #historyTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #watchers = new Set<() => void>();
  readonly #doors: RoomDoors;
  readonly #socket: LiveSocket;

  constructor(doors: RoomDoors) {
    this.#doors = doors;
    this.#snapshot = {
      phase: "connecting",
      end: null,
      lostAt: null,
      retryAt: null,
      room: null,
      you: null,
      timeline: emptyTimeline(0),
      pending: doors.outbox.pending,
      heldUntil: null,
      online: 0,
      typingUntil: 0,
      history: "loading",
      unreadFrom: null,
      seenSeq: 0,
      newBuild: false,
    };
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
      clearTimeout(this.#historyTimer);
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
    const seenSeq = this.#snapshot.timeline.lastSeq;
    if (seenSeq !== this.#snapshot.seenSeq) this.#set({ seenSeq });
    if (seenSeq <= this.#lastRead || this.#readTimer !== undefined) return;
    this.#readTimer = setTimeout(() => {
      this.#readTimer = undefined;
      const newest = this.#snapshot.timeline.lastSeq;
      if (this.#write({ type: "read", seq: newest })) this.#lastRead = newest;
    }, READ_EVERY_MS);
  }

  /** Loads the page of messages before the oldest one that is there. */
  loadOlder(): void {
    const { history, timeline } = this.#snapshot;
    if (history === "loading" || !timeline.hasOlder) return;
    this.#set({ history: "loading" });
    this.#load(timeline.lines[0]?.seq ?? null);
  }

  #load(before: number | null): void {
    clearTimeout(this.#historyTimer);
    const epoch = this.#epoch;
    this.#doors.loadHistory(before).then(
      (page) => {
        if (epoch !== this.#epoch) return;
        const timeline = withHistory(this.#snapshot.timeline, page);
        const unreadFrom = before === null ? this.#firstUnread(timeline) : this.#snapshot.unreadFrom;
        this.#set({ timeline, unreadFrom, history: "idle" });
      },
      () => {
        if (epoch !== this.#epoch) return;
        this.#set({ history: "failed" });
        this.#historyTimer = setTimeout(() => this.loadOlder(), HISTORY_RETRY_MS);
      },
    );
  }

  #firstUnread(timeline: Timeline): number | null {
    const { you } = this.#snapshot;
    return you && firstUnread(timeline.lines, this.#unreadOnArrival, you.client_id);
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
    this.#build ??= welcome.build;
    const first = this.#epoch === null;
    this.#epoch = welcome.epoch;
    this.#set({
      phase: "live",
      lostAt: null,
      room: welcome.room,
      you: welcome.you,
      online: welcome.room.online,
      newBuild: welcome.build !== this.#build,
    });
    if (first) {
      this.#unreadOnArrival = welcome.room.unread ?? 0;
      this.#startAfresh(welcome.head);
    }
    this.#flush();
  }

  #startAfresh(head: number): void {
    this.#set({ timeline: emptyTimeline(head), history: head > 0 ? "loading" : "idle" });
    this.#doors.outbox.settle(head);
    if (head > 0) this.#load(null);
  }

  #fold(event: Parameters<typeof fold>[1]): void {
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
    const typingUntil = event.type === "message" ? 0 : this.#snapshot.typingUntil;
    this.#set({ timeline: next, pending: this.#doors.outbox.pending, typingUntil });
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
    switch (ending.code) {
      case 4403:
        return this.#finish("removed");
      case 4410:
        return this.#finish("deleted");
      case 4429:
      case 4400:
        return { retry: true, notBefore: Date.now() + FLOOD_PAUSE_MS };
      case 4401:
        return this.#recover();
    }
    return ending.wasOpen ? { retry: true } : this.#diagnose();
  }

  /** The session behind the socket ended; a renewed token may continue it. */
  async #recover(): Promise<Verdict> {
    try {
      await this.#doors.freshToken();
      return { retry: true };
    } catch (cause) {
      return Problem.from(cause).status === 401 ? this.#finish("logged_out") : { retry: true };
    }
  }

  /** A browser does not say why a handshake was refused, so ask over HTTP. */
  async #diagnose(): Promise<Verdict> {
    try {
      const room = await this.#doors.loadRoom();
      const full = room.online >= room.max_user;
      if (full) this.#set({ phase: "full", room, online: room.online });
      return full ? { retry: true, notBefore: Date.now() + FULL_RETRY_MS } : { retry: true };
    } catch (cause) {
      const end = endFor(Problem.from(cause).code, this.#epoch !== null);
      return end === null ? { retry: true } : this.#finish(end);
    }
  }

  #finish(end: RoomEnd): Verdict {
    this.#set({ phase: "ended", end, lostAt: null });
    return { retry: false };
  }

  #write(frame: ClientFrame): boolean {
    return this.#socket.send(JSON.stringify(frame));
  }

  #set(change: Partial<RoomSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const watcher of this.#watchers) watcher();
  }
}

function endFor(code: FailureCode, wasInside: boolean): RoomEnd | null {
  switch (code) {
    case "room_not_found":
    case "not_found":
      return wasInside ? "deleted" : "not_found";
    case "banned":
    case "forbidden":
      return "removed";
    case "unauthorized":
    case "session_revoked":
    case "invalid_refresh_token":
      return "logged_out";
    default:
      return null;
  }
}
