import { expect, test } from "vitest";

import type { Message } from "../../shared/api/client";
import { elsewhere, emptyTimeline, expire, fold, MOST_LINES, standing, trimmed, withNewer, withOlder } from "./timeline";

function message(seq: number, text = `text ${seq}`): Message {
  return { type: "message", room_id: "R", seq, at: seq * 1000, client_id: "A", client_name: "Quiet Heron", message: text };
}

function edit(seq: number, target: number, text: string) {
  return { type: "edit", seq, target, at: seq * 1000, client_id: "A", client_name: "Quiet Heron", message: text } as const;
}

function deletion(seq: number, target: number) {
  return { type: "delete", seq, target, at: seq * 1000, client_id: "A", client_name: "Quiet Heron" } as const;
}

test("an event seen before changes nothing", () => {
  const once = fold(emptyTimeline(0), message(1));
  expect(fold(once, message(1))).toBe(once);
});

test("an edit and a deletion change the message they name and take a place of their own", () => {
  const timeline = [message(1), message(2), edit(3, 1, "better"), deletion(4, 2)].reduce(fold, emptyTimeline(0));
  expect(timeline.lines.map(({ seq, text, deleted }) => [seq, text, deleted])).toEqual([[1, "better", false], [2, "", true]]);
  expect(timeline.lines[0]?.editedAt).toBe(3000);
  expect(timeline.lastSeq).toBe(4);
});

test("an edit whose text is gone by now waits for the event that took it away", () => {
  const timeline = [message(1), edit(2, 1, "")].reduce(fold, emptyTimeline(0));
  expect(timeline.lines[0]?.text).toBe("text 1");
  expect(timeline.lastSeq).toBe(2);
});

test("history goes in front, is never doubled, and knows changes that came before it", () => {
  const live = [message(5), deletion(6, 3)].reduce(fold, emptyTimeline(4));
  const timeline = withOlder(live, { messages: [message(3), message(4), message(5)], head: 6, has_more: true });
  expect(timeline.lines.map(({ seq, deleted }) => [seq, deleted])).toEqual([[3, true], [4, false], [5, false]]);
  expect(timeline.hasOlder).toBe(true);
  expect(timeline.lastSeq).toBe(6);
});

test("what has expired goes, and its places count as seen", () => {
  const timeline = expire([message(1), message(2)].reduce(fold, emptyTimeline(0)), 3);
  expect(timeline.lines).toEqual([]);
  expect(timeline.lastSeq).toBe(3);
  expect(timeline.expiredTo).toBe(3);
});

test("a page left open forgets with the server", () => {
  const { lines } = [message(1), message(2), message(3)].reduce(fold, emptyTimeline(0));
  expect(standing(lines, 3600, 3_602_000).map(({ seq }) => seq)).toEqual([3]);
  expect(standing(lines, 3600, 9_000_000)).toEqual([]);
  expect(standing(lines, null, 9_000_000)).toBe(lines);
});

test("what history has brought already is not doubled when the socket brings it, too", () => {
  const timeline = withOlder(emptyTimeline(1), { messages: [message(1), message(2)], head: 2, has_more: false });
  expect(fold(timeline, message(2)).lines.map(({ seq }) => seq)).toEqual([1, 2]);
});

test("far back in history new messages are counted and not kept, until the reader has come up to them", () => {
  const page = (seqs: number[], head: number, has_more: boolean) => ({ messages: seqs.map((seq) => message(seq)), head, has_more });
  const back = elsewhere(emptyTimeline(9), page([2, 3], 9, true), page([4, 5], 9, true));
  const live = fold(back, message(10));
  expect(live.lines.map(({ seq }) => seq)).toEqual([2, 3, 4, 5]);
  expect([live.lastSeq, live.hasOlder, live.hasNewer]).toEqual([10, true, true]);
  // The page was read before message 10 was there.
  const behind = withNewer(live, page([6, 7, 8, 9], 9, false));
  expect(behind.hasNewer).toBe(true);
  const caughtUp = withNewer(behind, page([10], 10, false));
  expect(caughtUp.hasNewer).toBe(false);
  expect(fold(caughtUp, message(11)).lines.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test("a page shown elsewhere knows the changes that came before it", () => {
  const live = fold(emptyTimeline(9), deletion(10, 2));
  expect(elsewhere(live, { messages: [message(1), message(2)], head: 10, has_more: false }).lines.map(({ deleted }) => deleted)).toEqual([false, true]);
});

test("no more than so many lines are kept, and what is let go can be loaded again", () => {
  const seqs = Array.from({ length: MOST_LINES + 5 }, (_, index) => index + 1);
  const long = seqs.map((seq) => message(seq)).reduce(fold, emptyTimeline(0));
  const early = trimmed(long, "newest");
  expect([early.lines.length, early.lines[0]?.seq, early.hasNewer, early.hasOlder]).toEqual([MOST_LINES, 1, true, false]);
  const late = trimmed(long, "oldest");
  expect([late.lines.length, late.lines[0]?.seq, late.hasNewer, late.hasOlder]).toEqual([MOST_LINES, 6, false, true]);
  expect(trimmed(early, "oldest")).toBe(early);
});
