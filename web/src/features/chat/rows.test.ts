import { expect, test } from "vitest";

import { firstUnread, rowsOf } from "./rows";
import type { Line } from "./timeline";

const NOON = new Date(2026, 10, 23, 12).getTime();
const MINUTE = 60_000;

function line(seq: number, clientId: string, minutes: number, change: Partial<Line> = {}): Line {
  const at = NOON + minutes * MINUTE;
  return { seq, at, clientId, clientName: clientId, text: "x", replyTo: null, editedAt: null, deleted: false, ...change };
}

function drawn(lines: readonly Line[], unreadFrom: number | null = null): string[] {
  return rowsOf({ lines, hasOlder: true, lastSeq: 9 }, unreadFrom, []).map((row) => (row.kind === "line" ? `${row.opensGroup ? "+" : "-"}${row.line.seq}` : row.kind));
}

test("messages of one person within five minutes stand together", () => {
  const lines = [line(1, "a", 0), line(2, "a", 4), line(3, "a", 10), line(4, "b", 11), line(5, "b", 12, { replyTo: 1 })];
  expect(drawn(lines)).toEqual(["day", "+1", "-2", "+3", "+4", "+5"]);
});

test("a new day and the first unread message are marked", () => {
  expect(drawn([line(1, "a", 0), line(2, "a", 1), line(3, "a", 24 * 60)], 2)).toEqual(["day", "+1", "new", "+2", "day", "+3"]);
});

test("only messages of others that still stand count as unread", () => {
  const lines = [line(1, "a", 0), line(2, "a", 1), line(3, "me", 2), line(4, "a", 3, { deleted: true }), line(5, "a", 4)];
  expect(firstUnread(lines, 2, "me")).toBe(2);
  expect(firstUnread(lines, 100, "me")).toBe(1);
  expect(firstUnread(lines, 0, "me")).toBeNull();
});

test("where everything is loaded the list says whether the room begins there or older messages have expired", () => {
  expect(rowsOf({ lines: [line(1, "a", 0)], hasOlder: false, lastSeq: 1 }, null, [])[0]).toEqual({ kind: "start", key: "start", expired: 0 });
  expect(rowsOf({ lines: [line(13, "a", 0)], hasOlder: false, lastSeq: 13 }, null, [])[0]).toMatchObject({ kind: "start", expired: 12 });
  expect(rowsOf({ lines: [], hasOlder: false, lastSeq: 7 }, null, [])).toMatchObject([{ kind: "start", expired: 7 }]);
  expect(rowsOf({ lines: [], hasOlder: false, lastSeq: 0 }, null, [])).toEqual([]);
});

test("what is not sent yet stands last, until it has its place", () => {
  const command = { kind: "send", id: "a", text: "hi", replyTo: null, madeAt: 0 } as const;
  const item = { command, failure: null, seq: null, echo: null };
  const kinds = (pending: Parameters<typeof rowsOf>[2]) => rowsOf({ lines: [line(1, "a", 0)], hasOlder: true, lastSeq: 1 }, null, pending).map(({ kind }) => kind);
  expect(kinds([item])).toEqual(["day", "line", "unsent"]);
  expect(kinds([{ ...item, echo: 1 }])).toEqual(["day", "line"]);
});
