import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { FailureCode } from "../../shared/api/problem";
import { copyText } from "../../shared/lib/copyText";
import type { Pending } from "./Outbox";
import { PendingRow } from "./PendingRow";

vi.mock("../../shared/lib/copyText", () => ({ copyText: vi.fn(() => Promise.resolve(true)) }));

const actions = { retry: vi.fn(), discard: vi.fn() };

function show(failure: FailureCode | null = null, live = true): void {
  const pending: Pending = {
    command: { kind: "send", id: "a", text: "hello", replyTo: null, madeAt: Date.now() },
    failure,
    seq: null,
    echo: null,
  };
  render(<PendingRow pending={pending} text="hello" live={live} heldUntil={null} actions={actions} />);
}

const pass = (ms: number): void => act(() => void vi.advanceTimersByTime(ms));

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
});

afterEach(() => {
  vi.useRealTimers();
});

test("a message is there at once, and marked only once it takes more than a second", () => {
  show();
  expect(screen.getByText("hello")).toBeVisible();
  pass(990);
  expect(screen.queryByText("Sending…")).toBeNull();
  pass(20);
  expect(screen.getByText("Sending…")).toBeVisible();
});

test("without a connection it says what it waits for", () => {
  show(null, false);
  pass(1_010);
  expect(screen.getByText("Waiting for the connection")).toBeVisible();
});

test("a failed message says why and leaves what to do to the person", () => {
  show("forbidden");
  expect(screen.getByText(/Not sent\. You may not do this\./)).toBeVisible();
  fireEvent.click(screen.getByRole("button", { name: "Copy" }));
  expect(copyText).toHaveBeenCalledExactlyOnceWith("hello");
  expect(actions.discard).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(actions.retry).toHaveBeenCalledWith("a");
  fireEvent.click(screen.getByRole("button", { name: "Delete" }));
  expect(actions.discard).toHaveBeenCalledWith("a");
});
