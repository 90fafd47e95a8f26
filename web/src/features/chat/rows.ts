import { dayKey } from "../../shared/i18n/dates";
import type { Pending } from "./Outbox";
import type { Line, Timeline } from "./timeline";

/** A line of the list as it is drawn. */
export type Row =
  /** Where the room begins; `expired` is how many events before it are gone by retention. */
  | { kind: "start"; key: string; expired: number }
  | { kind: "day"; key: string; at: number }
  | { kind: "new"; key: string }
  | { kind: "line"; key: string; line: Line; opensGroup: boolean; change: Pending | null }
  | { kind: "unsent"; key: string; pending: Pending; text: string };

/** What of a timeline is to be drawn. */
type Part = Pick<Timeline, "lines" | "hasOlder" | "lastSeq">;

const GROUP_MS = 5 * 60_000;

/**
 * Puts the room's beginning, day separators, the "new" line and groups by author into the
 * sequence, and what is not sent yet behind it.
 */
export function rowsOf({ lines, hasOlder, lastSeq }: Part, unreadFrom: number | null, pending: readonly Pending[]): Row[] {
  const rows: Row[] = [];
  const changes = changesOf(pending);
  const [first] = lines;
  if (!hasOlder && lastSeq > 0) rows.push({ kind: "start", key: "start", expired: first ? first.seq - 1 : lastSeq });
  let previous: Line | null = null;
  for (const line of lines) {
    const newDay = previous === null || dayKey(previous.at) !== dayKey(line.at);
    const newPart = line.seq === unreadFrom;
    if (newDay) rows.push({ kind: "day", key: `day ${line.seq}`, at: line.at });
    if (newPart) rows.push({ kind: "new", key: "new" });
    const opensGroup = newDay || newPart || !continues(previous, line);
    rows.push({ kind: "line", key: `line ${line.seq}`, line, opensGroup, change: changes.get(line.seq) ?? null });
    previous = line;
  }
  return [...rows, ...unsentRows(pending)];
}

/**
 * The place of the first of the newest `unread` messages of others; null if there is none. When
 * more are unread than are loaded, the first that is loaded.
 */
export function firstUnread(lines: readonly Line[], unread: number, me: string): number | null {
  let left = unread;
  let first: number | null = null;
  for (const line of lines.toReversed()) {
    if (left === 0) break;
    if (line.deleted || line.clientId === me) continue;
    first = line.seq;
    left -= 1;
  }
  return first;
}

/** Messages of one's own that are not in the sequence yet. */
function unsentRows(pending: readonly Pending[]): Row[] {
  return pending.flatMap((item): Row[] => {
    const { command, echo } = item;
    return command.kind === "send" && echo === null ? [{ kind: "unsent", key: command.id, pending: item, text: command.text }] : [];
  });
}

function continues(previous: Line | null, line: Line): boolean {
  return previous !== null && previous.clientId === line.clientId && line.at - previous.at < GROUP_MS && line.replyTo === null;
}

/** The newest edit or deletion under way of each message. */
function changesOf(pending: readonly Pending[]): Map<number, Pending> {
  return new Map(pending.flatMap((item) => (item.command.kind === "send" ? [] : [[item.command.target, item]])));
}
