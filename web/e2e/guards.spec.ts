import { expect, test } from "./fixtures";

test("what gives its writer away is held back once, and goes out with one more Enter", async ({ person }) => {
  const host = await person();
  await host.arrive();
  const link = await host.createRoom("Night line");
  const elsewhere = await host.aliasName();
  await host.open("/");
  const second = await host.createRoom("Tenants");
  const { page, composer } = host;
  const warning = page.getByRole("alert").filter({ hasText: "This may tell who you are" });
  await expect(page.getByText("Nobody else is here now.")).toBeVisible();

  await composer.fill(`I am ${host.login.toUpperCase()}, or ${elsewhere}`);
  await composer.press("Enter");
  await expect(warning).toContainText(`Your login is in it: ${host.login}`);
  await expect(warning).toContainText(`“${elsewhere}” is your name in another room.`);
  await expect(composer).toBeFocused();
  await composer.press("Escape");
  await expect(warning).toBeHidden();
  await expect(composer).toHaveValue(`I am ${host.login.toUpperCase()}, or ${elsewhere}`);

  await composer.fill("call +7 912 345-67-89");
  await composer.press("Enter");
  await expect(warning).toContainText("phone number");
  await composer.press("Enter");
  await expect(host.message("call +7 912 345-67-89")).toBeVisible();
  await expect(warning).toBeHidden();

  await composer.fill("see https://example.org/a?id=7&utm_source=mail he\u200bre");
  await composer.press("Enter");
  await expect(warning).toContainText("utm_source");
  await expect(warning).toContainText("1 character in it cannot be seen.");
  await warning.getByRole("button", { name: "Remove them" }).click();
  await expect(composer).toHaveValue("see https://example.org/a?id=7 here");
  await expect(composer).toBeFocused();
  await composer.press("Enter");
  await expect(host.message("see https://example.org/a?id=7 here")).toBeVisible();

  await composer.fill(`write to ${host.login}@example.org`);
  await composer.press("Enter");
  await warning.getByRole("button", { name: "Send anyway" }).click();
  await expect(host.message(`write to ${host.login}@example.org`)).toBeVisible();
  await expect(composer).toHaveValue("");
  expect(second).not.toBe(link);
});

test("who one is and who can read along is said in plain words", async ({ person }) => {
  const host = await person();
  await host.arrive();
  await host.createRoom("Night line");
  const name = await host.aliasName();
  await host.page.getByRole("button", { name: `as ${name}` }).click();
  const dialog = host.page.getByRole("dialog", { name: "Who you are here, and who can read this" });
  await expect(dialog.getByText(`You are ${name} here`)).toBeVisible();
  await expect(dialog.getByText("Only people with the link")).toBeVisible();
  // Enter may begin a line instead; Ctrl with it sends in any case.
  await dialog.getByRole("checkbox").check();
  await host.page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await host.composer.fill("one");
  await host.composer.press("Enter");
  await host.composer.pressSequentially("two");
  await expect(host.composer).toHaveValue("one\ntwo");
  await host.composer.press("Control+Enter");
  await expect(host.message("one")).toContainText("two");
  await host.page.getByRole("banner").or(host.page.locator("header")).getByText("only with the link").click();
  await expect(dialog).toBeVisible();
});
