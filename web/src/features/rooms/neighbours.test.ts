import { expect, test } from "vitest";

import type { Room } from "../../shared/api/client";
import { neighbour, roomsCalled, unreadIn } from "./neighbours";

const room = (room_id: string, name: string, unread: number): Room =>
  ({ room_id, name, unread, visibility: "unlisted", max_user: 5, online: 0, created_at: 0, head: 0 });

const rooms = [room("a", "Mill Street 12", 0), room("b", "Экзамен в четверг", 3), room("c", "Night line", 0), room("d", "Mill owners", 1)];

test("neighbours go round, and from nowhere begin at an end", () => {
  expect(neighbour(rooms, "a", 1, false)?.room_id).toBe("b");
  expect(neighbour(rooms, "a", -1, false)?.room_id).toBe("d");
  expect(neighbour(rooms, "d", 1, false)?.room_id).toBe("a");
  expect(neighbour(rooms, null, 1, false)?.room_id).toBe("a");
  expect(neighbour(rooms, null, -1, false)?.room_id).toBe("d");
});

test("the next unread room is any but this one", () => {
  expect(neighbour(rooms, "b", 1, true)?.room_id).toBe("d");
  expect(neighbour(rooms, "d", 1, true)?.room_id).toBe("b");
  expect(neighbour(rooms, "b", -1, true)?.room_id).toBe("d");
  expect(neighbour([room("a", "Alone", 9)], "a", 1, true)).toBeNull();
  expect(neighbour([], null, 1, false)).toBeNull();
});

test("a search takes words in any order and any case", () => {
  expect(roomsCalled(rooms, "mill").map((found) => found.room_id)).toEqual(["a", "d"]);
  expect(roomsCalled(rooms, " 12 MILL ").map((found) => found.room_id)).toEqual(["a"]);
  expect(roomsCalled(rooms, "ЧЕТВЕРГ").map((found) => found.room_id)).toEqual(["b"]);
  expect(roomsCalled(rooms, "")).toHaveLength(4);
});

test("what waits is added up", () => {
  expect(unreadIn(rooms)).toBe(4);
});
