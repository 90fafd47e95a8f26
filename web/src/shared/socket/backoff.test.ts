import { expect, test } from "vitest";

import { backoff } from "./backoff";

test("waits grow from half a second to half a minute, and are never the same for all", () => {
  expect(backoff(0, 1)).toBe(500);
  expect(backoff(0, 0)).toBe(250);
  expect(backoff(3, 1)).toBe(4_000);
  expect(backoff(50, 1)).toBe(30_000);
});
