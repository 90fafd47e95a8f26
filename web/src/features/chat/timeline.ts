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

/**
 * What is known of a room's sequence: one stretch of its messages without a gap, and how far the
 * room has gone on since. The stretch ends with the newest message unless the reader has gone far
 * back; then new messages are counted but not kept.
 */
export interface Timeline {
  /** Ascending by `seq`. */
  lines: readonly Line[];
  /** Every event up to here is folded in or lies outside what was loaded. */
  lastSeq: number;
  /** Whether there are older messages to load. */
  hasOlder: boolean;
  /** Whether there are newer messages to load. */
  hasNewer: boolean;
  /** Messages up to here are gone by retention; 0 while none are known to be. */
  expiredTo: number;
  patches: ReadonlyMap<number, Patch>;
  /** Grows whenever the stretch is exchanged for another one. */
  stretch: number;
}

/** A page of history as the server gives it. */
export interface Page {
  messages: readonly Message[];
  head: number;
  has_more: boolean;
}

/** As many lines are kept; those farthest from the reader go and are loaded again when wanted. */
export const MOST_LINES = 1_000;

/** A room of which nothing is known beyond its newest place. */
export function emptyTimeline(head: number, stretch = 0): Timeline {
  return { lines: [], lastSeq: head, hasOlder: head > 0, hasNewer: false, expiredTo: 0, patches: new Map(), stretch };
}

/** Folds one event in. An event seen before changes nothing, so replays are harmless. */
export function fold(timeline: Timeline, event: RoomEvent): Timeline {
  if (event.seq <= timeline.lastSeq) return timeline;
  const next = { ...timeline, lastSeq: event.seq };
  switch (event.type) {
    case "message":
      return timeline.hasNewer ? next : { ...next, lines: appended(timeline.lines, lineOf(event)) };
    case "edit":
      // An edit whose text is gone by now is followed by the event that took it away.
      if (event.message === "") return next;
      return patched(next, event.target, { text: event.message, editedAt: event.at, deleted: false });
    case "delete":
      return patched(next, event.target, { text: "", editedAt: null, deleted: true });
  }
}

/** Puts a page of older messages in front; those that are there already stay as they are. */
export function withOlder(timeline: Timeline, page: Page): Timeline {
  const first = timeline.lines[0]?.seq ?? Infinity;
  const older = linesOf(page, timeline.patches).filter(({ seq }) => seq < first);
  return { ...timeline, lines: [...older, ...timeline.lines], hasOlder: page.has_more };
}

/** Puts a page of newer messages behind. */
export function withNewer(timeline: Timeline, page: Page): Timeline {
  const last = timeline.lines.at(-1)?.seq ?? 0;
  const newer = linesOf(page, timeline.patches).filter(({ seq }) => seq > last);
  return { ...timeline, lines: [...timeline.lines, ...newer], hasNewer: goesOn(timeline, page) };
}

/** Shows another stretch: the messages of two pages, one of which ends where the other begins. */
export function elsewhere(timeline: Timeline, older: Page, newer: Page = older): Timeline {
  const messages = older === newer ? older.messages : [...older.messages, ...newer.messages];
  return {
    ...timeline,
    lines: linesOf({ messages }, timeline.patches),
    hasOlder: older.has_more,
    hasNewer: older === newer ? older.head < timeline.lastSeq : goesOn(timeline, newer),
    stretch: timeline.stretch + 1,
  };
}

/** Lets go of the lines beyond [`MOST_LINES`] at one end. */
export function trimmed(timeline: Timeline, end: "oldest" | "newest"): Timeline {
  const { lines } = timeline;
  if (lines.length <= MOST_LINES) return timeline;
  return end === "oldest"
    ? { ...timeline, lines: lines.slice(-MOST_LINES), hasOlder: true }
    : { ...timeline, lines: lines.slice(0, MOST_LINES), hasNewer: true };
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

/** When retention takes a message away; null where messages are kept. */
export function expiryOf(line: Line, retentionIn: number | null | undefined): number | null {
  return retentionIn == null ? null : line.at + retentionIn * 1000;
}

/** The lines that retention leaves at `now`, so that a page left open forgets with the server. */
export function standing(lines: readonly Line[], retentionIn: number | null | undefined, now: number): readonly Line[] {
  if (retentionIn == null) return lines;
  const first = lines.findIndex((line) => (expiryOf(line, retentionIn) ?? Infinity) > now);
  return first === -1 ? [] : lines.slice(first);
}

function patched(timeline: Timeline, target: number, patch: Patch): Timeline {
  const patches = new Map(timeline.patches).set(target, patch);
  const lines = timeline.lines.map((line) => (line.seq === target ? { ...line, ...patch } : line));
  return { ...timeline, lines, patches };
}

/** While the page was on its way the room may have gone on past it. */
function goesOn(timeline: Timeline, page: Page): boolean {
  return page.has_more || page.head < timeline.lastSeq;
}

/** A page of history may have brought a line before the socket does. */
function appended(lines: readonly Line[], line: Line): readonly Line[] {
  return (lines.at(-1)?.seq ?? 0) < line.seq ? [...lines, line] : lines;
}

function linesOf({ messages }: Pick<Page, "messages">, patches: Timeline["patches"]): Line[] {
  return messages.map((message) => ({ ...lineOf(message), ...patches.get(message.seq) }));
}

/** A message as the list keeps it. */
export function lineOf(message: Message): Line {
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
