import { expect, test } from "vitest";

import { chooseSingleKeys, shortcutOf } from "./shortcuts";

const bare = { key: "", code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

test("the switcher opens in every alphabet, while writing, too", () => {
  expect(shortcutOf({ ...bare, key: "k", code: "KeyK", ctrlKey: true }, true)).toBe("switch");
  expect(shortcutOf({ ...bare, key: "л", code: "KeyK", metaKey: true }, false)).toBe("switch");
  expect(shortcutOf({ ...bare, key: "k", code: "KeyK" }, false)).toBeNull();
  expect(shortcutOf({ ...bare, key: "K", code: "KeyK", ctrlKey: true, shiftKey: true }, false)).toBeNull();
});

test("Alt with an arrow goes to a neighbour, with Shift to an unread one", () => {
  expect(shortcutOf({ ...bare, key: "ArrowUp", altKey: true }, true)).toBe("previous");
  expect(shortcutOf({ ...bare, key: "ArrowDown", altKey: true }, true)).toBe("next");
  expect(shortcutOf({ ...bare, key: "ArrowUp", altKey: true, shiftKey: true }, true)).toBe("previousUnread");
  expect(shortcutOf({ ...bare, key: "ArrowDown", altKey: true, shiftKey: true }, true)).toBe("nextUnread");
  expect(shortcutOf({ ...bare, key: "ArrowDown" }, false)).toBeNull();
});

test("a question mark is text while one writes, and nothing where single keys are off", () => {
  const press = { ...bare, key: "?", shiftKey: true };
  expect(shortcutOf(press, false)).toBe("help");
  expect(shortcutOf(press, true)).toBeNull();
  chooseSingleKeys(false);
  expect(shortcutOf(press, false)).toBeNull();
  chooseSingleKeys(true);
  expect(shortcutOf(press, false)).toBe("help");
});
