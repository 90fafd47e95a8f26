const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * How long to wait before try number `attempt` (0 is the first): doubling from half a second to
 * half a minute, between half of it and all of it by `random`, so that a room does not return as
 * one wave.
 */
export function backoff(attempt: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return full * (0.5 + random / 2);
}
