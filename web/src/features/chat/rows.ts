import { dayKey } from "../../shared/i18n/dates";
import type { Pending } from "./Outbox";
import type { Line } from "./timeline";

/** A line of the list as it is drawn. */
export type Row =
  | { kind: "day"; key: string; at: number }
  | { kind: "new"; key: string }
  | { kind: "line"; key: string; line: Line; opensGroup: boolean; change: Pending | null };

const GROUP_MS = 5 * 60_000;

/** Puts day separators, the "new" line and groups by author into the sequence. */
export function rowsOf(lines: readonly Line[], unreadFrom: number | null, pending: readonly Pending[]): Row[] {
  const rows: Row[] = [];
  const changes = changesOf(pending);
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
  return rows;
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

function continues(previous: Line | null, line: Line): boolean {
  return previous !== null && previous.clientId === line.clientId && line.at - previous.at < GROUP_MS && line.replyTo === null;
}

/** The newest edit or deletion under way of each message. */
function changesOf(pending: readonly Pending[]): Map<number, Pending> {
  return new Map(pending.flatMap((item) => (item.command.kind === "send" ? [] : [[item.command.target, item]])));
}
