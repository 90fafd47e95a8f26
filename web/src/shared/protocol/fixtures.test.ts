import { expect, test } from "vitest";

import { parseFrame } from "./frames";

/** The server writes exactly these, which its own tests insist on. */
const fixtures = import.meta.glob<{ type: string }>("../../../../tests/fixtures/protocol/server/*.json", { eager: true, import: "default" });

test.each(Object.entries(fixtures))("%s is understood", (_, frame) => {
  expect(parseFrame(JSON.stringify(frame))).toEqual(frame);
});

test("there are fixtures for every kind of frame", () => {
  const kinds = new Set(Object.values(fixtures).map(({ type }) => type));
  expect([...kinds].sort()).toEqual([
    "ack", "auth_expiring", "delete", "edit", "error", "expired", "message", "pong", "presence", "reset", "room", "typing", "welcome",
  ]);
});

test("what is unknown, incomplete or no JSON is ignored", () => {
  for (const text of ["", "null", "7", "{", "{}", `{"type":"poll","seq":1}`, `{"type":"ack","id":7,"seq":1,"at":1}`, `{"type":"room","room":null}`, `{"type":"toString"}`]) {
    expect(parseFrame(text), text).toBeNull();
  }
});
