import { act, render } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Announcer } from "./Announcer";
import type { Line } from "./timeline";

function line(seq: number): Line {
  return { seq, at: 0, clientId: "A", clientName: "Quiet Heron", text: `words ${seq}`, replyTo: null, editedAt: null, deleted: false };
}

const lines = (count: number): Line[] => Array.from({ length: count }, (_, index) => line(index + 1));

/** What is spoken once messages came in one after another, and a second has passed. */
function spokenAfter(counts: readonly number[]): string {
  const { container, rerender } = render(<Announcer heard={[]} pending={[]} />);
  const polite = container.querySelector("[aria-live=polite]");
  for (const count of counts) rerender(<Announcer heard={lines(count)} pending={[]} />);
  expect(polite).toHaveTextContent("");
  act(() => void vi.advanceTimersByTime(1_000));
  return polite?.textContent ?? "";
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("a few messages are spoken whole", () => {
  expect(spokenAfter([1, 2])).toBe("Quiet Heron: words 1\nQuiet Heron: words 2");
});

test("a burst is spoken as a count, once", () => {
  expect(spokenAfter([1, 2, 3, 4, 5])).toBe("5 new messages");
});
