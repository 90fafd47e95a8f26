import { readFile } from "node:fs/promises";

import { expect, test } from "./fixtures";

test("mistakes are told in words, before and after asking the server", async ({ person }) => {
  const someone = await person();
  await someone.open("/register");
  await someone.page.getByRole("button", { name: "Make account" }).click();
  await expect(someone.page.getByText("Use 4 to 32 letters")).toBeVisible();
  await expect(someone.page.getByText("Use 8 to 256 characters")).toBeVisible();
  await someone.register();
  await expect(someone.page.getByRole("heading", { name: "Where to?" })).toBeVisible();

  const other = await person();
  await other.open("/login");
  await other.page.getByLabel("Login or e-mail").fill(someone.login);
  await other.page.getByLabel("Password", { exact: true }).fill("not the password");
  await other.page.getByRole("button", { name: "Log in" }).click();
  await expect(other.page.getByText("Login or password is wrong.")).toBeVisible();
});

test("a person sees where they are logged in, ends another session and changes the password", async ({ person }) => {
  const here = await person();
  await here.arrive();
  const there = await person();
  await there.open("/login");
  await there.page.getByLabel("Login or e-mail").fill(`${here.login}@example.org`);
  await there.page.getByLabel("Password", { exact: true }).fill(here.password);
  await there.page.getByRole("button", { name: "Log in" }).click();
  await expect(there.page.getByRole("heading", { name: "Where to?" })).toBeVisible();

  await here.open("/account");
  await expect(here.page.getByText(here.login, { exact: true })).toBeVisible();
  await here.page.getByRole("button", { name: "Log out there" }).click();
  await expect(here.page.getByText("Another browser")).toHaveCount(0);
  await there.page.reload();
  await expect(there.page.getByText("Talk in a group.")).toBeVisible();

  await here.page.getByLabel("Current password").first().fill(here.password);
  await here.page.getByLabel("New password").fill("another long phrase");
  await here.page.getByRole("button", { name: "Change password" }).click();
  await expect(here.page.getByText("Password changed.")).toBeVisible();

  await here.page.getByRole("button", { name: "Log out", exact: true }).click();
  await expect(here.page.getByRole("heading", { name: "Log in" })).toBeVisible();
  expect(await here.page.evaluate(() => Object.keys(localStorage))).toEqual([]);
});

test("deleting the account ends it everywhere", async ({ person }) => {
  const someone = await person();
  await someone.arrive();
  await someone.open("/account");
  await someone.page.getByRole("button", { name: "Delete account" }).click();
  const dialog = someone.page.getByRole("dialog");
  await dialog.getByLabel("Current password").fill("not the password");
  await dialog.getByRole("button", { name: "Delete my account" }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  await dialog.getByLabel("Current password").fill(someone.password);
  await dialog.getByRole("button", { name: "Delete my account" }).click();
  await expect(someone.page.getByRole("heading", { name: "Log in" })).toBeVisible();
  await someone.page.getByLabel("Login or e-mail").fill(someone.login);
  await someone.page.getByLabel("Password", { exact: true }).fill(someone.password);
  await someone.page.getByRole("button", { name: "Log in" }).click();
  await expect(someone.page.getByText("Login or password is wrong.")).toBeVisible();
});

test("two tabs share one login and one logout", async ({ person }) => {
  const someone = await person();
  await someone.arrive();
  const second = await someone.page.context().newPage();
  await second.goto(new URL("/account", someone.page.url()).href);
  await expect(second.getByText(someone.login, { exact: true })).toBeVisible();
  await second.getByRole("button", { name: "Log out", exact: true }).click();
  await expect(someone.page.getByText("Talk in a group.")).toBeVisible();
});

test("a person sees what the server knows about them, and nobody else does", async ({ person }) => {
  const someone = await person();
  const { page } = someone;
  await someone.open("/privacy");
  await expect(page.getByRole("heading", { name: "What it keeps" })).toBeVisible();
  await expect(page.getByText("You, as it is stored now")).toHaveCount(0);
  await someone.arrive();
  await someone.createRoom("Tenants of Mill Street");
  await someone.open("/account");
  await page.getByRole("link", { name: "What this server knows about you" }).click();
  await expect(page.getByText(`Your login: ${someone.login}`)).toBeVisible();
  await expect(page.getByText(`Your e-mail: ${someone.login}@example.org`)).toBeVisible();
  await expect(page.getByText("This browser", { exact: true })).toBeVisible();
  await expect(page.getByText("hashed with argon2id")).toBeVisible();
  const room = page.getByRole("listitem").filter({ hasText: "Tenants of Mill Street" });
  await expect(room).toContainText("none of your messages is stored");
  await room.getByRole("link").click();
  const name = await someone.aliasName();
  await someone.say("Only for the export");
  await expect(page.getByText("Sending…")).toHaveCount(0);
  await someone.open("/privacy");
  await expect(room).toContainText(`you are ${name} · 1 message of yours is stored · You are the host`);

  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download my data" }).click()]);
  await expect(page.getByText("The file is in your downloads.")).toBeVisible();
  const file = JSON.parse(await readFile(await download.path(), "utf8")) as { account: { login: string }; messages: { message: string }[] };
  expect(file.account.login).toBe(someone.login);
  expect(file.messages.map(({ message }) => message)).toEqual(["Only for the export"]);
});

test("from the same page the account goes, with everything its owner wrote", async ({ person }) => {
  const host = await person();
  await host.arrive();
  const link = await host.createRoom("Stays behind");
  const someone = await person();
  await someone.arrive();
  await someone.enter(link);
  await someone.say("Not for ever");
  await expect(host.message("Not for ever")).toBeVisible();
  await someone.open("/privacy");
  await someone.page.getByRole("button", { name: "Delete account" }).click();
  const dialog = someone.page.getByRole("dialog");
  await dialog.getByRole("checkbox", { name: "Erase everything I wrote, too" }).check();
  await dialog.getByLabel("Current password").fill(someone.password);
  await dialog.getByRole("button", { name: "Delete my account" }).click();
  await expect(someone.page.getByText("You, as it is stored now")).toHaveCount(0);
  await expect(host.message("Not for ever")).toHaveCount(0);
});
