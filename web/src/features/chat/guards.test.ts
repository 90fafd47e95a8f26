import { describe, expect, test } from "vitest";

import { findingsIn, withoutMarks, type Secrets } from "./guards";

const NOBODY: Secrets = { login: null, email: null, handles: [] };

function found(text: string, secrets: Partial<Secrets> = {}): string[] {
  return findingsIn(text, { ...NOBODY, ...secrets }).map(({ kind, what }) => `${kind} ${what}`);
}

test("what everybody writes is let through", () => {
  const texts = [
    "Did anyone else get the letter? Mine goes up by 18 %.", "Да, и мне тоже: плюс 18\u00a0% 😡", "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️", "« Bonjour\u202f! »",
    "It was on 2026-11-25 10:30, or 24.12.2026", "1 000 000 000 of them", "IT-шник ставит UI-кит и пишет SMSки", "می‌خواهم", "see https://example.org/a?b=c#d",
    "Chapter 12, pages 100-120, 3.14159265358979", "ab 12:30:45",
  ];
  for (const text of texts) expect(found(text), text).toEqual([]);
});

describe("who the writer is elsewhere", () => {
  const secrets = { login: "anna_k", email: "anna@example.org", handles: ["Quiet Heron"] };

  test("login, e-mail and names of other rooms are found in any case, as whole words", () => {
    expect(found("I am ANNA_K.", secrets)).toEqual(["login anna_k"]);
    expect(found("write to Anna@Example.org!", secrets)).toEqual(["email anna@example.org"]);
    expect(found("they call me quiet  heron there", secrets)).toEqual(["handle Quiet Heron"]);
  });

  test("a longer word is another word", () => {
    expect(found("anna_kk, xanna_k, Quiet Herons, танна_k", secrets)).toEqual([]);
  });

  test("a login with letters that mean something in a pattern is only itself", () => {
    expect(found("a-b", { login: "a.b" })).toEqual([]);
  });
});

test.each(["+7 912 345-67-89", "8 (912) 345-67-89", "call 0049 30 1234567", "+49301234567", "9123456789"])("%s looks like a phone number", (text) => {
  expect(found(text)).toEqual([expect.stringContaining("phone ")]);
});

test("tracking parameters of links are found, named once and taken out; the rest of the link stays as typed", () => {
  const text = "see https://example.org/a?id=7&utm_source=mail&fbclid=x#part and https://youtu.be/abc?si=me";
  expect(found(text)).toEqual(["tracking utm_source, fbclid, si"]);
  expect(withoutMarks(text)).toBe("see https://example.org/a?id=7#part and https://youtu.be/abc");
  expect(found("https://example.org/?si=me")).toEqual([]);
});

test("characters that cannot be seen are counted and taken out, odd spaces become plain ones", () => {
  const text = "he\u200bllo\u2003wor\u00adld\ufeff";
  expect(found(text)).toEqual(["invisible 4"]);
  expect(withoutMarks(text)).toBe("hello world");
});

test("hidden text in tag characters and direction overrides without a reason are found", () => {
  expect(found("hi\u{e0061}\u{e0062}")).toEqual(["invisible 2"]);
  expect(found("abc\u202edef")).toEqual(["invisible 1"]);
});

test("a word with letters of another alphabet that look alike is found", () => {
  expect(found("hellо there")).toEqual(["lookalike hellо"]);
  expect(found("пpивет")).toEqual(["lookalike пpивет"]);
});
