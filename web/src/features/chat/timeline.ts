import type { Message } from "../../shared/api/client";
import type { RoomEvent } from "../../shared/protocol/frames";

/** One message as the room knows it. */
export interface Line {
  seq: number;
  at: number;
  clientId: string;
  clientName: string;
  text: string;
  replyTo: number | null;
  editedAt: number | null;
  deleted: boolean;
}

/** A later change of a message, kept for when that message is loaded. */
type Patch = Pick<Line, "text" | "editedAt" | "deleted">;

/** What is known of a room's sequence. */
export interface Timeline {
  /** Ascending by `seq`. */
  lines: readonly Line[];
  /** Every event up to here is folded in or lies before what was loaded. */
  lastSeq: number;
  /** Whether there are older messages to load. */
  hasOlder: boolean;
  /** Messages up to here are gone by retention; 0 while none are known to be. */
  expiredTo: number;
  patches: ReadonlyMap<number, Patch>;
}

interface Page {
  messages: readonly Message[];
  has_more: boolean;
}

/** A room of which nothing is known beyond its newest place. */
export function emptyTimeline(head: number): Timeline {
  return { lines: [], lastSeq: head, hasOlder: head > 0, expiredTo: 0, patches: new Map() };
}

/** Folds one event in. An event seen before changes nothing, so replays are harmless. */
export function fold(timeline: Timeline, event: RoomEvent): Timeline {
  if (event.seq <= timeline.lastSeq) return timeline;
  const next = { ...timeline, lastSeq: event.seq };
  switch (event.type) {
    case "message":
      return { ...next, lines: [...timeline.lines, lineOf(event)] };
    case "edit":
      // An edit whose text is gone by now is followed by the event that took it away.
      if (event.message === "") return next;
      return patched(next, event.target, { text: event.message, editedAt: event.at, deleted: false });
    case "delete":
      return patched(next, event.target, { text: "", editedAt: null, deleted: true });
  }
}

/** Puts a page of history in front, or merges it with what is there. */
export function withHistory(timeline: Timeline, page: Page): Timeline {
  const known = new Map(timeline.lines.map((line) => [line.seq, line]));
  for (const message of page.messages) {
    const line = lineOf(message);
    const patch = timeline.patches.get(line.seq);
    if (!known.has(line.seq)) known.set(line.seq, patch ? { ...line, ...patch } : line);
  }
  const lines = [...known.values()].sort((one, other) => one.seq - other.seq);
  return { ...timeline, lines, hasOlder: page.has_more };
}

/** Takes away what retention has erased. */
export function expire(timeline: Timeline, to: number): Timeline {
  return {
    ...timeline,
    lines: timeline.lines.filter((line) => line.seq > to),
    lastSeq: Math.max(timeline.lastSeq, to),
    expiredTo: Math.max(timeline.expiredTo, to),
  };
}

/** The lines that retention leaves at `now`, so that a page left open forgets with the server. */
export function standing(lines: readonly Line[], retentionIn: number | null | undefined, now: number): readonly Line[] {
  if (retentionIn == null) return lines;
  const first = lines.findIndex((line) => line.at + retentionIn * 1000 > now);
  return first === -1 ? [] : lines.slice(first);
}

function patched(timeline: Timeline, target: number, patch: Patch): Timeline {
  const patches = new Map(timeline.patches).set(target, patch);
  const lines = timeline.lines.map((line) => (line.seq === target ? { ...line, ...patch } : line));
  return { ...timeline, lines, patches };
}

function lineOf(message: Message): Line {
  return {
    seq: message.seq,
    at: message.at,
    clientId: message.client_id,
    clientName: message.client_name,
    text: message.message,
    replyTo: message.reply_to ?? null,
    editedAt: message.edited_at ?? null,
    deleted: message.deleted ?? false,
  };
}
