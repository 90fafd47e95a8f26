import { expect, test } from "vitest";

import { charactersLeft, cleaned, isEmojiOnly, MAX_CHARACTERS, pieces } from "./messageText";

test("what is sent has no invisible control characters and no empty edges", () => {
  expect(cleaned("\n\n  hi\u0000 there\r\nyou \n ")).toBe("  hi there\nyou");
  expect(cleaned("\ud800")).toBe("\ufffd");
  expect(cleaned(" \n ")).toBe("");
});

test("characters are counted as people count them", () => {
  expect(charactersLeft("👩‍👩‍👧‍👦".repeat(300))).toBe(MAX_CHARACTERS - 300);
  expect(charactersLeft("я".repeat(4001))).toBe(-1);
});

test("a text within the characters may still be too many bytes", () => {
  expect(charactersLeft("👩‍👩‍👧‍👦".repeat(1000))).toBeLessThan(0);
});

test("addresses become links, the sentence around them does not", () => {
  expect(pieces("see https://example.org/a_(b), or (http://example.com).")).toEqual([
    { kind: "text", text: "see " },
    { kind: "link", text: "https://example.org/a_(b)", href: "https://example.org/a_(b)" },
    { kind: "text", text: ", or (" },
    { kind: "link", text: "http://example.com", href: "http://example.com/" },
    { kind: "text", text: ")." },
  ]);
});

test("nothing but http and https is ever a link", () => {
  for (const text of ["javascript:alert(1)", "data:text/html,x", "<img src=x onerror=alert(1)>", "file:///etc/passwd"]) {
    expect(pieces(text)).toEqual([{ kind: "text", text }]);
  }
});

test("fenced code is kept as it is, addresses in it included", () => {
  expect(pieces("try\n```sh\ncurl https://example.org\n```")).toEqual([
    { kind: "text", text: "try" },
    { kind: "code", text: "curl https://example.org" },
  ]);
});

test("only a few emoji alone are large", () => {
  expect(isEmojiOnly("👍🏽 👩‍👩‍👧‍👦")).toBe(true);
  expect(isEmojiOnly("2")).toBe(false);
  expect(isEmojiOnly("ok 👍")).toBe(false);
});
