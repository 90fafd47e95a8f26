import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { expect, test, type Person } from "./fixtures";

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
async function visitAll(someone: Person, look: (screen: string) => Promise<void>): Promise<void> {
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
  await details.getByRole("button", { name: "Delete the room" }).click();
  await expect(page.getByRole("dialog", { name: "Delete the room" })).toBeVisible();
  await look("deleting a room");
  await someone.open("/account");
  await expect(page.getByText("This browser")).toBeVisible();
  await look("account");
}

for (const colorScheme of ["dark", "light"] as const) {
  test(`every screen is accessible in ${colorScheme}`, async ({ person }) => {
    test.slow();
    const someone = await person({ colorScheme, reducedMotion: "reduce" });
    await visitAll(someone, (screen) => expectAccessible(someone.page, `${screen}, ${colorScheme}`));
  });
}

for (const width of [320, 360, 800]) {
  test(`every screen fits ${width} px`, async ({ person }) => {
    const someone = await person({ viewport: { width, height: 640 }, reducedMotion: "reduce" });
    await visitAll(someone, (screen) => expectNoSidewaysScroll(someone.page, screen));
  });
}

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
