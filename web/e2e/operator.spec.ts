import { expect, test } from "./fixtures";

test("a setup link makes one operator, and leaves nothing in the address", async ({ person, server }) => {
  const link = await server.setupPath();
  const operator = await person();
  const { page } = operator;
  await operator.open(link);
  await expect(page.getByRole("heading", { name: "Set up this server" })).toBeVisible();
  expect(new URL(page.url()).hash).toBe("");
  await operator.register();
  await expect(page.getByRole("heading", { name: "This server", exact: true })).toBeVisible();
  await expect(page.getByText("works", { exact: true })).toBeVisible();

  const late = await person();
  await late.open(link);
  await late.register();
  await expect(late.page.getByText("This link was used already or is too old.")).toBeVisible();
  await late.open("/setup");
  await expect(late.page.getByText("This link is not complete.")).toBeVisible();
  // A whole link in the same tab loads nothing anew, and is taken all the same.
  await late.open(await server.setupPath());
  await late.register();
  await expect(late.page.getByRole("heading", { name: "This server", exact: true })).toBeVisible();
});

test("nobody but an operator finds the page, or a way to it", async ({ person, server }) => {
  const someone = await person();
  await someone.arrive();
  await someone.open("/account");
  await expect(someone.page.getByText("This browser", { exact: true })).toBeVisible();
  await expect(someone.page.getByRole("link", { name: "This server", exact: true })).toHaveCount(0);
  await someone.open("/admin");
  await expect(someone.page.getByRole("heading", { name: "There is nothing here." })).toBeVisible();

  const operator = await person();
  await operator.takeOver(await server.setupPath());
  await operator.open("/account");
  await operator.page.getByRole("link", { name: "This server", exact: true }).click();
  await expect(operator.page.getByRole("heading", { name: "This server", exact: true })).toBeVisible();
});

test("an operator keeps somebody out and lets them in again, by keyboard, and deletes the account", async ({ person, server }) => {
  const someone = await person();
  await someone.arrive();
  await someone.createRoom("Where they sit");
  const operator = await person();
  const { page } = operator;
  await operator.takeOver(await server.setupPath());
  const search = page.getByLabel("Search accounts by login");
  await search.fill(operator.login);
  await expect(page.getByRole("listitem").filter({ hasText: operator.login })).toContainText("operator · you");
  await expect(page.getByRole("button", { name: `What to do with ${operator.login}`, exact: true })).toHaveCount(0);

  await search.fill(someone.login);
  const row = page.getByRole("listitem").filter({ hasText: someone.login });
  const actions = page.getByRole("button", { name: `What to do with ${someone.login}`, exact: true });
  const dialog = page.getByRole("dialog");
  await actions.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Disable" }).press("Enter");
  await expect(dialog.getByRole("heading", { name: `Disable ${someone.login}?` })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(row).not.toContainText("disabled");
  await actions.click();
  await page.getByRole("menuitem", { name: "Disable" }).click();
  await dialog.getByRole("button", { name: "Disable" }).click();
  await expect(row).toContainText("disabled");
  await expect(search).toBeFocused();
  await expect(someone.page.getByText("You were logged out.").first()).toBeVisible({ timeout: 30_000 });

  await actions.click();
  await page.getByRole("menuitem", { name: "Enable" }).click();
  await expect(row).not.toContainText("disabled");
  await actions.click();
  await page.getByRole("menuitem", { name: "Delete account" }).click();
  await dialog.getByRole("button", { name: "Delete account" }).click();
  await expect(page.getByText("No account is called that.")).toBeVisible();
});

test("an operator takes a room away from everybody in it", async ({ person, server }) => {
  const host = await person();
  await host.arrive();
  const name = `Harm done by ${host.login}`;
  await host.createRoom(name);
  await expect(host.alias).toBeVisible();
  const operator = await person();
  const { page } = operator;
  await operator.takeOver(await server.setupPath());
  await page.getByLabel("Search rooms by name").fill(name);
  await page.getByRole("button", { name: `Delete the room “${name}”` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete for everyone" }).click();
  await expect(page.getByText("No room is called that.")).toBeVisible();
  await expect(host.page.getByRole("heading", { name: "This room was deleted." })).toBeVisible();
});

test("registration is closed and opened, and newcomers are told", async ({ person, server }) => {
  const operator = await person({ locale: "ru-RU" });
  const { page } = operator;
  await operator.open(await server.setupPath());
  await page.getByLabel("Логин").fill(operator.login);
  await page.getByLabel("Почта").fill(`${operator.login}@example.org`);
  await page.getByLabel("Пароль", { exact: true }).fill(operator.password);
  await page.getByRole("button", { name: "Завести аккаунт" }).click();
  await expect(page.getByRole("heading", { name: "Этот сервер" })).toBeVisible();
  const newcomer = await person();
  await page.getByRole("radio", { name: "Никто новый" }).check();
  await expect(page.getByText("Сохранено")).toBeAttached();
  try {
    await newcomer.open("/register");
    await expect(newcomer.page.getByText("This server takes no new accounts.")).toBeVisible();
    await expect(newcomer.page.getByRole("button", { name: "Make account" })).toHaveCount(0);
  } finally {
    await page.getByRole("radio", { name: "Каждый, кто откроет этот сервер" }).check();
  }
  await expect(page.getByRole("radio", { name: "Каждый, кто откроет этот сервер" })).toBeChecked();
  await newcomer.arrive();
});
