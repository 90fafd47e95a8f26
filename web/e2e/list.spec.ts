import type { CDPSession, Locator, Page } from "@playwright/test";

import { expect, test } from "./fixtures";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** A finger that comes down in the middle of `target` and stays there. */
async function touch(browser: CDPSession, target: Locator): Promise<{ x: number; y: number }> {
  const box = await target.boundingBox();
  if (!box) throw new Error("there is nothing to touch");
  const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await browser.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [point] });
  return point;
}

const lift = (browser: CDPSession) => browser.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });

test("a finger that rests on a message opens its menu, and one that moves does not", async ({ person }) => {
  const host = await person(PHONE);
  const { page } = host;
  await host.arrive();
  await host.createRoom("By thumb");
  await host.say("Press me");
  await expect(page.getByText("Sending…")).toHaveCount(0);
  const browser = await page.context().newCDPSession(page);
  const text = host.messages.getByRole("article").getByText("Press me");
  const menu = page.getByRole("menu");

  const { x, y } = await touch(browser, text);
  await browser.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: [{ x, y: y + 60 }] });
  await lift(browser);
  await touch(browser, text);
  await expect(menu).toBeVisible();
  await lift(browser);
  await expect(menu).toBeVisible();
  await page.getByRole("menuitem", { name: "Reply" }).tap();
  await expect(page.getByText(/^Reply to/)).toBeVisible();
  await expect(menu).toHaveCount(0);
  // The menu is there already, and opens again.
  await touch(browser, text);
  await expect(menu).toBeVisible();
  await lift(browser);
});

test("where messages vanish, each says when on request", async ({ person }) => {
  const host = await person();
  const { page } = host;
  await host.arrive();
  await host.createRoom("For a day");
  await host.say("Gone tomorrow");
  const time = host.message("Gone tomorrow").locator("time").first();
  await expect(time).not.toHaveAttribute("title", /Vanishes/);
  const details = await host.openDetails();
  await details.getByRole("button", { name: "Settings" }).click();
  const settings = page.getByRole("dialog", { name: "Settings" });
  await settings.getByLabel("How long messages are kept").selectOption("24 hours");
  await settings.getByRole("button", { name: "Save" }).click();
  await expect(settings).toBeHidden();
  await page.keyboard.press("Escape");
  await expect(details).toBeHidden();
  await expect(time).toHaveAttribute("title", /Vanishes /);
  const row = host.message("Gone tomorrow");
  await row.hover();
  await row.getByRole("button", { name: "What to do with this message" }).click();
  await expect(page.getByRole("menu")).toContainText("Vanishes ");
});

/** Holds back the answers to what matches, until it is called. */
async function hold(page: Page, url: RegExp): Promise<() => void> {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(url, async (route) => {
    await released;
    await route.fallback();
  });
  return release;
}

test("what is not there yet has a shape, for the eye and for a screen reader", async ({ person }) => {
  const host = await person();
  const { page } = host;
  await host.arrive();
  const link = await host.createRoom("Slow");
  await host.say("Here at last");
  await expect(page.getByText("Sending…")).toHaveCount(0);
  const showRooms = await hold(page, /api\/v1\/rooms\?/);
  const showMessages = await hold(page, /\/messages\?/);
  await host.open("/");
  await expect(page.getByRole("main").getByRole("status").first()).toBeVisible();
  showRooms();
  await expect(page.getByRole("navigation", { name: "My rooms" }).getByText("Slow")).toBeVisible();
  await expect(page.getByRole("main").getByRole("status")).toHaveCount(0);
  await host.open(link);
  await expect(page.getByRole("status").filter({ hasText: "Opening the room…" })).toBeVisible();
  await expect(host.composer).toBeEditable();
  showMessages();
  await expect(host.message("Here at last")).toBeVisible();
  await expect(page.getByText("Opening the room…")).toHaveCount(0);
});
