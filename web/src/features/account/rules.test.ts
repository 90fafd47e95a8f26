import { expect, test } from "vitest";

import { isPassword, registrationMistakes } from "./rules";

test("a good registration has no mistakes, with or without an e-mail", () => {
  expect(registrationMistakes("mira_07", "mira@example.org", "long enough")).toEqual({});
  expect(registrationMistakes("mira_07", "", "long enough")).toEqual({});
});

test("an e-mail that is required must be there", () => {
  expect(registrationMistakes("mira_07", "", "long enough", true)).toEqual({ email: true });
});

test("all mistakes are named at once", () => {
  expect(registrationMistakes("é", "nonsense", "short")).toEqual({ login: true, email: true, password: true });
});

test("a password is counted in characters and is nobody's name", () => {
  expect(isPassword("🔑🔑🔑🔑🔑🔑🔑🔑")).toBe(true);
  expect(isPassword("🔑🔑🔑🔑")).toBe(false);
  expect(isPassword("Mira_0007", "mira_0007")).toBe(false);
  expect(isPassword("a".repeat(257))).toBe(false);
});
