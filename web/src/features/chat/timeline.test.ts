import { expect, test } from "vitest";

import type { Message } from "../../shared/api/client";
import { emptyTimeline, expire, fold, withHistory } from "./timeline";

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
  const timeline = withHistory(live, { messages: [message(3), message(4), message(5)], has_more: true });
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
