import { beforeEach, expect, test, vi } from "vitest";

import { showUnread } from "./attention";

const badges = { setAppBadge: vi.fn(() => Promise.resolve()), clearAppBadge: vi.fn(() => Promise.reject(new Error("not installed"))) };

beforeEach(() => {
  const link = document.createElement("link");
  link.rel = "icon";
  link.href = "/icon.svg";
  document.head.replaceChildren(link);
  Object.assign(navigator, badges);
});

test("the tab and the app show that something waits, and nothing when all is read", () => {
  const href = (): string | null | undefined => document.querySelector("link[rel=icon]")?.getAttribute("href");
  showUnread(3);
  expect(href()).toBe("/icon-unread.svg");
  expect(badges.setAppBadge).toHaveBeenCalledWith(3);
  showUnread(0);
  expect(href()).toBe("/icon.svg");
  expect(badges.clearAppBadge).toHaveBeenCalled();
});
