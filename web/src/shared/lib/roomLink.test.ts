import { expect, test } from "vitest";

import { roomIdIn, roomLink } from "./roomLink";

const ID = "7ZK3M9QW2X4VB8NT";

test("an id is found in whatever a person pastes", () => {
  expect(roomIdIn(ID)).toBe(ID);
  expect(roomIdIn(` ${ID.toLowerCase()} `)).toBe(ID);
  expect(roomIdIn("7zk3-m9qw-2x4v-b8nt")).toBe(ID);
  expect(roomIdIn(`https://chat.example/r/${ID}?at=4`)).toBe(ID);
  expect(roomIdIn(roomLink(ID))).toBe(ID);
});

test("letters that look like digits are read as digits", () => {
  expect(roomIdIn("OIL3M9QW2X4VB8NT")).toBe("0113M9QW2X4VB8NT");
});

test("what is no id is refused", () => {
  for (const text of ["", "hello", ID.slice(1), `${ID}X`, "https://chat.example/rooms"]) {
    expect(roomIdIn(text)).toBeNull();
  }
});
