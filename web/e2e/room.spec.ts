import { expect, test } from "./fixtures";

test("what is being typed and what was sent while the server was away survive a reload", async ({ person }) => {
  const host = await person();
  await host.arrive();
  await host.createRoom("Exam on Thursday");
  await host.composer.fill("Half a thought");
  await host.page.reload();
  await expect(host.composer).toHaveValue("Half a thought");

  host.loseServer();
  await host.say("Sent into nothing");
  await expect(host.message("Sent into nothing")).toContainText("Waiting for the connection");
  await expect(host.page.getByText("Reconnecting…")).toBeVisible();
  host.findServer();
  await host.page.reload();
  await expect(host.message("Sent into nothing")).toHaveCount(1);
  await expect(host.message("Sent into nothing")).not.toContainText("Waiting");
});

test("messages can be answered, changed and deleted, by their author or the host", async ({ person }) => {
  const host = await person();
  await host.arrive();
  const link = await host.createRoom("Book club");
  const guest = await person();
  await guest.arrive();
  await guest.enter(link);

  await guest.say("Chapter twelve on Sundey?");
  await host.chooseInMenu("Chapter twelve", "Reply");
  await host.say("Yes, at six.");
  await expect(guest.message("Yes, at six.")).toContainText("Chapter twelve on Sundey?");

  await guest.chooseInMenu("Chapter twelve on", "Edit");
  await expect(guest.composer).toHaveValue("Chapter twelve on Sundey?");
  await guest.say("Chapter twelve on Sunday?");
  await expect(host.message("Chapter twelve on Sunday?").first()).toContainText("edited");

  // ↑ in an empty box edits the last own message; Escape leaves it as it was.
  await guest.composer.press("ArrowUp");
  await expect(guest.composer).toHaveValue("Chapter twelve on Sunday?");
  await guest.composer.press("Escape");
  await expect(guest.composer).toHaveValue("");

  await guest.say("Bring your own copy");
  await host.chooseInMenu("Bring your own copy", "Delete");
  await host.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(guest.message("This message was deleted.")).toBeVisible();
  await expect(guest.message("Bring your own copy")).toHaveCount(0);
  // A guest may not touch what others wrote.
  await guest.message("Yes, at six.").hover();
  await guest.message("Yes, at six.").getByRole("button", { name: "What to do with this message" }).click();
  await expect(guest.page.getByRole("menuitem", { name: "Reply" })).toBeVisible();
  await expect(guest.page.getByRole("menuitem", { name: "Delete" })).toHaveCount(0);
});

test("others see that somebody types and how many are here, never who", async ({ person }) => {
  const host = await person();
  await host.arrive();
  const link = await host.createRoom("Night line");
  const guest = await person();
  await guest.arrive();
  await guest.enter(link);
  await expect(host.page.getByText("2 people here")).toHaveCount(2);
  await guest.composer.pressSequentially("I do not know how to begin");
  await expect(host.page.getByText("Someone is typing…")).toBeVisible();
});

test("a host changes the room for everybody, and removes somebody for good", async ({ person }) => {
  const host = await person();
  await host.arrive();
  const link = await host.createRoom("Tenants");
  const guest = await person();
  await guest.arrive();
  await guest.enter(link);

  const details = await host.openDetails();
  await details.getByRole("button", { name: "Settings" }).click();
  const settings = host.page.getByRole("dialog", { name: "Settings" });
  await settings.getByLabel("Name of the room").fill("Tenants of Mill Street");
  await settings.getByLabel("How long messages are kept").selectOption("24 hours");
  await settings.getByRole("button", { name: "Save" }).click();
  await expect(guest.page.getByRole("heading", { name: "Tenants of Mill Street" })).toBeVisible();
  await expect(guest.page.locator("#composer-foot")).toContainText("messages vanish after 24 hours");
  await expect(settings).toBeHidden();
  await host.page.keyboard.press("Escape");
  await expect(details).toBeHidden();

  const name = await guest.aliasName();
  await guest.say("BUY NOW");
  await host.chooseInMenu("BUY NOW", `Remove ${name} from the room`);
  await host.page.getByRole("dialog").getByRole("button", { name: "Remove for good" }).click();
  await expect(guest.page.getByRole("heading", { name: "You were removed from this room." })).toBeVisible();
  await guest.open(link);
  const door = guest.page.getByRole("button", { name: "Enter", exact: true });
  const removed = guest.page.getByRole("heading", { name: "You were removed from this room." });
  await expect(door.or(removed)).toBeVisible();
  if (await door.isVisible()) await door.click();
  await expect(removed).toBeVisible();
});

test("leaving takes the room off the list, and the name in it stays one's own", async ({ person }) => {
  const host = await person();
  await host.arrive();
  const link = await host.createRoom("Reading group");
  const guest = await person();
  await guest.arrive();
  await guest.enter(link);
  const name = await guest.aliasName();
  const list = guest.page.getByRole("navigation", { name: "My rooms" });
  await expect(list.getByText("Reading group")).toBeVisible();
  const details = await guest.openDetails();
  await details.getByRole("button", { name: "Leave the room" }).click();
  await expect(guest.page.getByRole("heading", { name: "Where to?" })).toBeVisible();
  await expect(list.getByText("Reading group")).toHaveCount(0);
  await guest.enter(link);
  expect(await guest.aliasName()).toBe(name);
});

test("who waits at a full room goes in when somebody leaves", async ({ person }) => {
  const host = await person();
  await host.arrive();
  const link = await host.createRoom("Just me");
  const details = await host.openDetails();
  await details.getByRole("button", { name: "Settings" }).click();
  const settings = host.page.getByRole("dialog", { name: "Settings" });
  await settings.getByLabel("How many people at once").fill("1");
  await settings.getByRole("button", { name: "Save" }).click();
  await expect(settings).toBeHidden();
  await host.page.keyboard.press("Escape");

  const guest = await person();
  await guest.arrive();
  await guest.open(link);
  await guest.page.getByRole("button", { name: "Wait for a place" }).click();
  await expect(guest.page.getByRole("heading", { name: "This room is full." })).toBeVisible();
  await host.open("/");
  await expect(guest.composer).toBeVisible({ timeout: 30_000 });
});

test("a long history is loaded page by page without moving what is read", async ({ person }) => {
  const host = await person();
  await host.arrive();
  await host.createRoom("A long evening");
  for (let number = 1; number <= 70; number += 1) await host.say(`Line ${String(number).padStart(3, "0")}`);
  await expect(host.message("Line 070")).toHaveCount(1);
  await expect(host.page.getByText("Sending…")).toHaveCount(0);
  await host.page.reload();
  await expect(host.message("Line 070")).toBeInViewport();
  // What is read stays where it is while older messages come in above it.
  const read = host.message("Line 030");
  await expect(async () => {
    await host.messages.evaluate((list) => list.scrollBy(0, -400));
    await expect(read).toBeInViewport({ timeout: 500 });
  }).toPass();
  await expect(host.page.getByText("Loading messages…")).toBeHidden();
  await expect(read).toBeInViewport();
  await expect(async () => {
    await host.messages.evaluate((list) => list.scrollTo(0, 0));
    await expect(host.message("Line 001")).toBeInViewport({ timeout: 500 });
  }).toPass();
  await expect(host.page.getByText("This is where the room began.")).toBeInViewport();
  await host.page.getByRole("button", { name: "To the latest message" }).click();
  await expect(host.message("Line 070")).toBeInViewport();
});

test("nothing anybody writes becomes markup", async ({ person }) => {
  const host = await person();
  await host.arrive();
  await host.createRoom("Odd things");
  const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script> javascript:alert(1)`;
  await host.say(hostile);
  await host.say("https://example.org/a?b=c and nothing else");
  await expect(host.message("<img src=x")).toHaveCount(1);
  await expect(host.messages.locator("img, script")).toHaveCount(0);
  const link = host.messages.getByRole("link");
  await expect(link).toHaveCount(1);
  await expect(link).toHaveAttribute("rel", "noopener noreferrer nofollow");
  await expect(host.page).toHaveTitle("Odd things · AnonChat");
});
