import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { expect, test, type Person } from "./fixtures";
import type { Server } from "./server";

async function expectAccessible(page: Page, screen: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"])
    // A menu floats above all landmarks while it is open.
    .disableRules("region")
    .analyze();
  const found = violations.map(({ id, impact, nodes }) => `${id} (${impact ?? "?"}): ${nodes.map(({ html }) => html).join(" | ")}`);
  expect(found, screen).toEqual([]);
}

async function expectNoSidewaysScroll(page: Page, screen: string): Promise<void> {
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(excess, `${screen} is too wide`).toBeLessThanOrEqual(0);
}

/** Visits every screen and dialog, and calls `look` at each. */
async function visitAll(someone: Person, server: Server, look: (screen: string) => Promise<void>): Promise<void> {
  const { page } = someone;
  await someone.open("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await look("front page");
  await page.getByRole("button", { name: "Language and theme" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await look("language and theme");
  await someone.open("/privacy");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await look("privacy");
  await someone.open("/nothing");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await look("404");
  await someone.open("/login");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("alert").first()).toBeVisible();
  await look("login with mistakes");
  await someone.open("/register");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await look("registration");
  await someone.register();
  await expect(page.getByRole("heading", { name: "Where to?" })).toBeVisible();
  await look("rooms");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await look("keyboard");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.getByRole("main").getByRole("button", { name: "Create a room" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toBeVisible();
  await look("new room");
  await dialog.getByLabel("Name of the room").fill("A room to look at");
  await dialog.getByRole("button", { name: "Create room" }).click();
  await expect(dialog.getByRole("img", { name: "The link as a QR code" })).toBeVisible();
  await look("created room");
  await dialog.getByRole("button", { name: "Go to the room" }).click();
  await expect(someone.composer).toBeVisible();
  await look("empty room");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("option", { name: "A room to look at" })).toBeVisible();
  await look("room switcher");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await someone.say("A first word, with a link: https://example.org/");
  await someone.say("```\nand code\n```");
  await expect(page.getByText("Sending…")).toHaveCount(0);
  await look("room");
  await someone.message("A first word").hover();
  await someone.message("A first word").getByRole("button", { name: "What to do with this message" }).click();
  await expect(page.getByRole("menu")).toBeVisible();
  await look("message menu");
  await page.keyboard.press("Escape");
  const details = await someone.openDetails();
  await expect(details.getByRole("img", { name: "The link as a QR code" })).toBeVisible();
  await look("room details");
  await details.getByRole("button", { name: "Settings" }).click();
  const settings = page.getByRole("dialog", { name: "Settings" });
  await expect(settings).toBeVisible();
  await look("room settings");
  await settings.getByLabel("How many people at once").fill("nobody");
  await settings.getByRole("button", { name: "Save" }).click();
  await expect(settings.getByRole("alert")).toBeVisible();
  await look("room settings with a mistake");
  await page.keyboard.press("Escape");
  await expect(settings).toBeHidden();
  await details.getByRole("button", { name: "Delete the room" }).click();
  await expect(page.getByRole("dialog", { name: "Delete the room" })).toBeVisible();
  await look("deleting a room");
  await page.keyboard.press("Escape");
  const room = page.url();
  await details.getByRole("button", { name: "Leave the room" }).click();
  await expect(page.getByRole("heading", { name: "Where to?" })).toBeVisible();
  await someone.open(room);
  await expect(page.getByRole("button", { name: "Enter", exact: true })).toBeVisible();
  await look("door");
  await someone.open("/account");
  await expect(page.getByText("This browser", { exact: true })).toBeVisible();
  await look("account");
  await someone.open("/privacy");
  await expect(page.getByText("This browser", { exact: true })).toBeVisible();
  await look("what is known about me");
  await someone.open("/account");
  await page.getByRole("button", { name: "Delete account" }).click();
  await expect(page.getByRole("dialog", { name: "Delete account" })).toBeVisible();
  await look("deleting the account");
  await someone.page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.getByRole("button", { name: "Log out", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
  await someone.open("/setup");
  await expect(page.getByText("This link is not complete.")).toBeVisible();
  await look("setup without a token");
  await someone.open(await server.setupPath());
  await expect(page.getByRole("heading", { name: "Set up this server" })).toBeVisible();
  await look("setup");
  await page.getByLabel("Login").fill(`${someone.login}_op`);
  await page.getByLabel("E-mail").fill(`${someone.login}_op@example.org`);
  await page.getByLabel("Password", { exact: true }).fill(someone.password);
  await page.getByRole("button", { name: "Make account" }).click();
  await expect(page.getByRole("heading", { name: "This server", exact: true })).toBeVisible();
  await expect(page.getByText("Running since")).toBeVisible();
  await page.getByLabel("Search accounts by login").fill(someone.login);
  await expect(page.getByRole("button", { name: `What to do with ${someone.login}`, exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Delete the room “A room to look at”" }).first()).toBeVisible();
  await look("this server");
  await page.getByRole("button", { name: `What to do with ${someone.login}`, exact: true }).click();
  await expect(page.getByRole("menu")).toBeVisible();
  await look("account menu");
  await page.getByRole("menuitem", { name: "Disable" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await look("disabling an account");
  await someone.open("/r/0000000000000000");
  await expect(page.getByRole("heading", { name: "There is no such room." })).toBeVisible();
  await look("no such room");
}

for (const colorScheme of ["dark", "light"] as const) {
  test(`every screen is accessible in ${colorScheme}`, async ({ person, server }) => {
    test.slow();
    const someone = await person({ colorScheme, reducedMotion: "reduce" });
    await visitAll(someone, server, (screen) => expectAccessible(someone.page, `${screen}, ${colorScheme}`));
  });
}

// 1280 px at 200 % zoom are 640.
for (const width of [320, 360, 640, 800]) {
  test(`every screen fits ${width} px`, async ({ person, server }) => {
    test.slow();
    const someone = await person({ viewport: { width, height: 640 }, reducedMotion: "reduce" });
    await visitAll(someone, server, (screen) => expectNoSidewaysScroll(someone.page, screen));
  });
}

test("every screen fits a phone with letters twice as large", async ({ person, server }) => {
  test.slow();
  const someone = await person({ viewport: { width: 390, height: 844 }, reducedMotion: "reduce" });
  await someone.page.addInitScript(() => {
    addEventListener("DOMContentLoaded", () => document.documentElement.style.setProperty("font-size", "200%"));
  });
  await visitAll(someone, server, (screen) => expectNoSidewaysScroll(someone.page, screen));
});

test("what is tapped is large enough for a thumb", async ({ person, server }) => {
  test.slow();
  const someone = await person({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, reducedMotion: "reduce" });
  await visitAll(someone, server, async (screen) => expect(await smallTargets(someone.page), screen).toEqual([]));
});

/** What can be tapped but is lower or narrower than 44 px; links within a text may be. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const least = 43.5;
    const inText = (element: Element): boolean => getComputedStyle(element).display === "inline";
    const targets = [...document.querySelectorAll("button, a, select, input, textarea, [role=option], [role=menuitem]")];
    return targets.flatMap((element) => {
      const { width, height } = (element.closest("label") ?? element).getBoundingClientRect();
      const shown = width > 1 && height > 1 && element.checkVisibility();
      return shown && !inText(element) && (width < least || height < least) ? [`${element.outerHTML.slice(0, 90)} ${width}×${height}`] : [];
    });
  });
}

test("nothing moves for those who want it still", async ({ person, server }) => {
  test.slow();
  const someone = await person({ reducedMotion: "reduce" });
  await visitAll(someone, server, async (screen) => {
    const moving = await someone.page.evaluate(() => document.getAnimations().length);
    expect(moving, screen).toBe(0);
  });
});

test("in forced colours, buttons have edges and the room one is in is marked", async ({ person }) => {
  const someone = await person({ forcedColors: "active" });
  const { page } = someone;
  await someone.arrive();
  const edge = await page.getByRole("main").getByRole("button", { name: "Create a room" }).evaluate((button) => getComputedStyle(button).borderTopColor);
  expect(edge).not.toMatch(/transparent|, 0\)$/);
  await someone.createRoom("Plain to see");
  const outline = await page.getByRole("link", { name: "Plain to see" }).evaluate((link) => getComputedStyle(link).outlineStyle);
  expect(outline).toBe("solid");
});

test("more contrast is given to those who ask for it", async ({ person }) => {
  const someone = await person({ contrast: "more" });
  await someone.open("/");
  const quiet = await someone.page.evaluate(() => {
    const style = getComputedStyle(document.documentElement);
    return [style.getPropertyValue("--color-text-quiet"), style.getPropertyValue("--color-text")];
  });
  expect(quiet[0]).toBe(quiet[1]);
});

test("a name from right to left stays so wherever it stands", async ({ person }) => {
  const host = await person();
  await host.arrive();
  const name = "غرفة الجيران ١٢";
  const link = await host.createRoom(name);
  const guest = await person();
  await guest.arrive();
  await guest.open(link);
  for (const text of [host.page.getByRole("heading", { name }), host.page.getByRole("link").getByText(name), guest.page.getByRole("heading", { name })]) {
    await expect(text).toHaveCSS("direction", "rtl");
  }
});

test("the browser's language is spoken, and another choice is kept", async ({ person }) => {
  const someone = await person({ locale: "ru-RU" });
  await someone.open("/");
  await expect(someone.page.getByRole("heading", { level: 1 })).toHaveText("Говорите в группе. Без своего имени.");
  await expect(someone.page.locator("html")).toHaveAttribute("lang", "ru");
  await someone.page.getByRole("button", { name: "Язык и тема" }).click();
  await someone.page.getByRole("radio", { name: "English" }).click();
  await expect(someone.page.getByRole("dialog", { name: "Language and theme" })).toBeVisible();
  await someone.page.reload();
  await expect(someone.page.getByRole("heading", { level: 1 })).toHaveText("Talk in a group. Without your name.");
  await expect(someone.page.locator("html")).toHaveAttribute("lang", "en");
});

test("the theme follows the device until one is chosen, which is kept", async ({ person }) => {
  const someone = await person({ colorScheme: "light" });
  const { page } = someone;
  const theme = page.locator("html");
  await someone.open("/");
  await expect(theme).toHaveAttribute("data-theme", "light");
  await page.emulateMedia({ colorScheme: "dark" });
  await expect(theme).toHaveAttribute("data-theme", "dark");
  await page.getByRole("button", { name: "Language and theme" }).click();
  await page.getByRole("radio", { name: "Light" }).click();
  await expect(theme).toHaveAttribute("data-theme", "light");
  await page.reload();
  await expect(theme).toHaveAttribute("data-theme", "light");
});

test("the main path needs nothing but a keyboard", async ({ person }) => {
  const someone = await person();
  const { page } = someone;
  await someone.open("/register");
  await expect(page.getByLabel("Login")).toBeFocused();
  await page.keyboard.type(someone.login);
  await page.keyboard.press("Tab");
  await page.keyboard.type(`${someone.login}@example.org`);
  await page.keyboard.press("Tab");
  await page.keyboard.type(someone.password);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Where to?" })).toBeVisible();

  const create = page.getByRole("main").getByRole("button", { name: "Create a room" });
  await tabTo(page, create);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Name of the room")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(create).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog.getByLabel("Name of the room")).toBeFocused();
  await page.keyboard.type("By keyboard");
  await page.keyboard.press("Enter");
  await tabTo(page, dialog.getByRole("button", { name: "Go to the room" }));
  await page.keyboard.press("Enter");
  await expect(someone.composer).toBeVisible();

  await tabTo(page, someone.composer);
  await page.keyboard.type("One line");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("and another");
  await page.keyboard.press("Enter");
  await expect(someone.message("One line")).toContainText("and another");
  await expect(someone.composer).toBeFocused();

  const menu = someone.message("One line").getByRole("button", { name: "What to do with this message" });
  await tabTo(page, menu, "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: "Reply" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(someone.composer).toBeFocused();
});

async function tabTo(page: Page, target: ReturnType<Page["getByRole"]>, key = "Tab"): Promise<void> {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < 40; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  await expect(target).toBeFocused();
}
