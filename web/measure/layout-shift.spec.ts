import type { Page } from "@playwright/test";

import { expect, test, type Person } from "../e2e/fixtures";

type Collected = { shifts: number[] } & Window;

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1440, height: 900 };

interface Shift extends PerformanceEntry {
  value: number;
  hadRecentInput: boolean;
}

/** Collects what moves on every page that is opened from here on, and was not asked for. */
async function collect(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const collected = window as unknown as Collected;
    collected.shifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as Shift[]) if (!entry.hadRecentInput) collected.shifts.push(entry.value);
    }).observe({ type: "layout-shift", buffered: true });
  });
}

/** Opens a page, waits until it is complete, and says how much moved on the way. */
async function report(someone: Person, path: string, complete: () => Promise<void>): Promise<void> {
  await someone.open(path);
  await complete();
  await someone.page.waitForLoadState("networkidle");
  const shifts = await someone.page.evaluate(() => (window as unknown as Collected).shifts);
  const total = shifts.reduce((sum, shift) => sum + shift, 0);
  console.log(`${new URL(path, "http://x").pathname.replace(/\/r\/.*/, "a room")}: ${total.toFixed(4)} in ${shifts.length} shifts`);
}

for (const [device, viewport] of Object.entries({ DESKTOP, PHONE })) {
  test(`what moves while a page loads, ${device}`, async ({ person }) => {
    const someone = await person({ viewport });
    const { page } = someone;
    const heading = (): Promise<void> => expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await collect(page);
    await report(someone, "/", heading);
    await report(someone, "/register", heading);
    await report(someone, "/privacy", heading);
    await someone.arrive();
    const link = await someone.createRoom("Mill Street 12, tenants");
    for (let number = 1; number <= 30; number += 1) await someone.say(`Line ${number}, about the letter and the rent`);
    await report(someone, "/", () => expect(page.getByText("Mill Street 12, tenants").locator("visible=true").first()).toBeVisible());
    await report(someone, link, () => expect(someone.message("Line 30")).toBeVisible());
    await report(someone, "/account", () => expect(page.getByText("This browser", { exact: true })).toBeVisible());
    await report(someone, "/privacy", () => expect(page.getByText("This browser", { exact: true })).toBeVisible());
  });
}
