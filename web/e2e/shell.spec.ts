import { expect, test, type Person } from "./fixtures";

/** Makes rooms one after another; the last one is on the screen. */
async function createRooms(someone: Person, names: readonly string[]): Promise<string[]> {
  const links = [];
  for (const name of names) {
    await someone.open("/");
    links.push(await someone.createRoom(name));
  }
  return links;
}

test("keys lead to the list of keys and to every room", async ({ person }) => {
  const someone = await person();
  const { page } = someone;
  await someone.arrive();
  await createRooms(someone, ["Mill Street 12", "Exam on Thursday", "Night line"]);
  const names = await page.getByRole("navigation", { name: "My rooms" }).getByRole("link").allInnerTexts();
  expect(names).toHaveLength(3);

  await page.keyboard.press("Control+k");
  const switcher = page.getByRole("dialog", { name: "Go to a room" });
  await expect(switcher.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("exam");
  await expect(switcher.getByRole("option")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Exam on Thursday" })).toBeVisible();
  await expect(switcher).toBeHidden();

  await page.keyboard.press("Control+k");
  const first = switcher.getByRole("option").first();
  await expect(first).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowUp");
  const last = switcher.getByRole("option").last();
  await expect(last).toHaveAttribute("aria-selected", "true");
  await expect(switcher.getByRole("combobox")).toHaveAttribute("aria-activedescendant", (await last.getAttribute("id")) ?? "");
  await page.keyboard.type("nothing of the kind");
  await expect(switcher.getByText("No room of yours is called that.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(switcher).toBeHidden();

  const visited = new Set<string>();
  for (let turn = 0; turn < 3; turn += 1) {
    await page.keyboard.press("Alt+ArrowDown");
    const name = page.getByRole("main").getByRole("heading", { level: 1 });
    await expect.poll(async () => visited.has(await name.innerText())).toBe(false);
    visited.add(await name.innerText());
  }
  expect(visited.size).toBe(3);
});

test("single keys can be switched off", async ({ person }) => {
  const someone = await person();
  const { page } = someone;
  await someone.arrive();
  const keys = page.getByRole("dialog", { name: "Keyboard" });
  const create = page.getByRole("main").getByRole("button", { name: "Create a room" });
  await create.focus();
  await page.keyboard.press("?");
  await expect(keys.getByText("Go to a room by its name")).toBeVisible();
  await keys.getByRole("checkbox", { name: /Keys that need no Ctrl/ }).uncheck();
  await expect(keys.getByText("This list")).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(keys).toBeHidden();
  await expect(create).toBeFocused();
  await page.keyboard.press("?");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog", { name: "Go to a room" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(keys).toHaveCount(0);
  // The way by pointer stays.
  await someone.open("/account");
  await page.getByRole("button", { name: "Show the keys" }).click();
  await expect(keys.getByRole("checkbox", { name: /Keys that need no Ctrl/ })).not.toBeChecked();
});

test("unread messages show in the list, the title and the tab, and a key leads to them", async ({ person }) => {
  const host = await person();
  const { page } = host;
  await host.arrive();
  const [link = ""] = await createRooms(host, ["Tenants", "Quiet place"]);
  const guest = await person();
  await guest.arrive();
  await guest.enter(link);
  await guest.say("Anyone at home?");
  await guest.say("The lift is stuck again.");
  await expect(guest.page.getByText("Sending…")).toHaveCount(0);

  await host.open("/");
  await expect(page).toHaveTitle("(2) Rooms · AnonChat");
  await expect(page.getByRole("navigation", { name: "My rooms" }).getByText("2 unread messages")).toBeVisible();
  await expect(page.locator("link[rel=icon]")).toHaveAttribute("href", "/icon-unread.svg");
  await page.keyboard.press("Alt+Shift+ArrowDown");
  await expect(host.message("The lift is stuck again.")).toBeVisible();
  await expect(page.locator("link[rel=icon]")).toHaveAttribute("href", "/icon.svg");
});

test("Esc Esc blanks the page until any other key", async ({ person }) => {
  const someone = await person();
  const { page } = someone;
  await someone.arrive();
  await someone.createRoom("Nobody’s business");
  await someone.composer.fill("Half a thought");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(someone.composer).toBeHidden();
  await expect(page.getByRole("heading", { name: "Nobody’s business" })).toBeHidden();
  await expect(page).toHaveTitle("AnonChat");
  await page.keyboard.press("Escape");
  await expect(someone.composer).toBeHidden();
  await page.keyboard.press("x");
  await expect(someone.composer).toHaveValue("Half a thought");
  await expect(someone.composer).toBeFocused();
  await expect(page).toHaveTitle("Nobody’s business · AnonChat");

  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(someone.composer).toBeHidden();
  await page.mouse.click(200, 200);
  await expect(someone.composer).toBeVisible();
});

test("one tap clears the device, with or without the server", async ({ person }) => {
  const someone = await person();
  const { page } = someone;
  await someone.arrive();
  await someone.createRoom("For a moment");
  await someone.composer.fill("A draft");
  await page.evaluate(() => navigator.serviceWorker.ready);
  await someone.open("/account");
  await page.getByRole("button", { name: "Clear this device" }).click();
  await expect(page.getByText("Talk in a group.")).toBeVisible();
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
  // Nor does the front page put the files back.
  await page.clock.install();
  await page.reload();
  await page.clock.runFor(60_000);
  const left = await page.evaluate(async () => [await caches.keys(), (await navigator.serviceWorker.getRegistrations()).length]);
  expect(left).toEqual([[], 0]);
});

test("who logs in again on the same page keeps the files for later, too", async ({ person }) => {
  const someone = await person();
  const { page } = someone;
  await someone.arrive();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.getByRole("link", { name: "Account" }).click();
  await page.getByRole("button", { name: "Log out", exact: true }).click();
  await page.getByLabel("Login or e-mail").fill(someone.login);
  await page.getByLabel("Password", { exact: true }).fill(someone.password);
  await page.clock.install();
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("navigation", { name: "My rooms" })).toBeVisible();
  await page.clock.runFor(10_000);
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(1);
});

test("the service worker asks nobody but the server it came from", async ({ person }) => {
  const someone = await person();
  const { page } = someone;
  const asked: string[] = [];
  page.context().on("request", (request) => {
    if (request.serviceWorker()) asked.push(new URL(request.url()).origin);
  });
  await someone.arrive();
  await page.evaluate(() => navigator.serviceWorker.ready);
  expect(asked.length).toBeGreaterThan(3);
  expect(new Set(asked)).toEqual(new Set([new URL(page.url()).origin]));
});

test("a newer version is told outside of a room, and loads when the person likes", async ({ person }) => {
  const someone = await person();
  const { page } = someone;
  let build: string | null = null;
  await page.route(/^http:\/\/[^/]+\/$/, async (route) => {
    if (route.request().method() !== "HEAD" || build === null) return route.fallback();
    return route.fulfill({ headers: { ETag: `"${build}"` } });
  });
  const firstAsked = page.waitForResponse((response) => response.request().method() === "HEAD");
  await someone.arrive();
  expect((await firstAsked).headers().etag).toMatch(/^(W\/)?"[0-9a-f]{16}"$/);
  await someone.createRoom("In the middle of it");
  await someone.composer.fill("Half a thought");
  await someone.open("/");
  await expect(page.getByRole("heading", { name: "Where to?" })).toBeVisible();
  const notice = page.getByRole("status").filter({ hasText: "A newer version is ready. What you typed stays." });
  await expect(notice).toHaveCount(0);
  build = "0123456789abcdef";
  await expect(async () => {
    await page.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
    await expect(notice).toBeVisible({ timeout: 500 });
  }).toPass();
  build = null;
  await notice.getByRole("button", { name: "Reload" }).click();
  await expect(notice).toHaveCount(0);
  await page.getByRole("navigation", { name: "My rooms" }).getByText("In the middle of it").click();
  await expect(someone.composer).toHaveValue("Half a thought");
});

test("a key that follows the closing of a dialog is not lost", async ({ person }) => {
  const someone = await person();
  const { page } = someone;
  await someone.arrive();
  const switcher = page.getByRole("dialog", { name: "Go to a room" });
  for (const turn of [1, 2, 3]) {
    await page.keyboard.press("Control+k");
    await expect(switcher, `turn ${turn}`).toBeVisible();
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
    await page.keyboard.press("Escape");
  }
  await someone.createRoom("Next door");
  for (const turn of [1, 2, 3]) {
    await someone.open("/");
    await expect(page.getByRole("navigation", { name: "My rooms" }).getByText("Next door")).toBeVisible();
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("option"), `turn ${turn}`).toBeVisible();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Alt+ArrowDown");
    await expect(someone.composer).toBeVisible();
  }
});

test("a door says what the room is like, and that it is full", async ({ person }) => {
  const host = await person();
  await host.arrive();
  await host.page.getByRole("main").getByRole("button", { name: "Create a room" }).click();
  const dialog = host.page.getByRole("dialog");
  await dialog.getByLabel("Name of the room").fill("Two chairs");
  await dialog.getByLabel("How many people at once").fill("1");
  await dialog.getByLabel("How long messages are kept").selectOption("7 days");
  await dialog.getByRole("button", { name: "Create room" }).click();
  const link = await dialog.getByLabel("Link to the room").inputValue();
  await dialog.getByRole("button", { name: "Go to the room" }).click();
  await expect(host.alias).toBeVisible();

  const guest = await person();
  const { page } = guest;
  await guest.arrive();
  await guest.open(link);
  const door = page.getByRole("main");
  await expect(door.getByRole("heading", { name: "Two chairs" })).toBeVisible();
  await expect(door).toContainText("1 of 1 people here");
  await expect(door).toContainText("Messages vanish after 7 days.");
  await expect(door).toContainText("Only people with the link can find it.");
  await expect(door.getByRole("alert")).toContainText("This room is full.");
  await expect(door.getByRole("button", { name: "Wait for a place" })).toBeVisible();
  // The door notices by itself that there is a place.
  await host.open("/");
  await expect(door.getByRole("button", { name: "Enter", exact: true })).toBeVisible({ timeout: 20_000 });

  // And that the room is gone.
  await host.page.getByRole("navigation", { name: "My rooms" }).getByText("Two chairs").click();
  const details = await host.openDetails();
  await details.getByRole("button", { name: "Delete the room" }).click();
  const deleting = host.page.getByRole("dialog", { name: "Delete the room" });
  await expect(deleting.getByRole("button", { name: "Delete for everyone" })).toBeDisabled();
  await deleting.getByLabel(/Type the room’s name/).fill("Two chairs");
  await deleting.getByRole("button", { name: "Delete for everyone" }).click();
  await expect(host.page.getByText("You deleted “Two chairs”.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "There is no such room." })).toBeVisible({ timeout: 20_000 });
});

test("the UI opens without a network, and its cache holds files only", async ({ person }) => {
  const someone = await person();
  const { page } = someone;
  await someone.arrive();
  await someone.createRoom("Kept nowhere");
  await someone.say("Not for any cache");
  await expect(page.getByText("Sending…")).toHaveCount(0);
  await page.evaluate(() => navigator.serviceWorker.ready);
  const kept = await page.evaluate(async () => {
    const urls = [];
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys()) urls.push(new URL(request.url).pathname);
    }
    return urls;
  });
  expect(kept).toContain("/");
  expect(kept.filter((path) => !/^\/(assets\/[\w.-]+|[\w.-]*)$/.test(path))).toEqual([]);

  await someone.goOffline();
  await someone.open("/");
  await expect(page.getByText("You are offline. Your rooms are here again as soon as there is a network.")).toBeVisible();
  await someone.open("/privacy");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await someone.open("/");
  await someone.comeBack();
  await expect(page.getByRole("navigation", { name: "My rooms" }).getByText("Kept nowhere")).toBeVisible({ timeout: 30_000 });
});

test("a browser finds nothing that speaks against installing the app", async ({ person }) => {
  const someone = await person();
  await someone.arrive();
  await someone.page.evaluate(() => navigator.serviceWorker.ready);
  const browser = await someone.page.context().newCDPSession(someone.page);
  const { errors, data } = await browser.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  const { icons } = JSON.parse(data ?? "") as { icons: { purpose?: string; sizes: string }[] };
  expect(icons.some(({ purpose }) => purpose === "maskable")).toBe(true);
  const { installabilityErrors } = await browser.send("Page.getInstallabilityErrors");
  // A test's browser forgets everything, which is the one thing it holds against it.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito")).toEqual([]);
});

test("End leads to the newest message, and / to the composer unless it is switched off", async ({ person }) => {
  const someone = await person({ viewport: { width: 800, height: 500 } });
  const { page } = someone;
  await someone.arrive();
  await someone.createRoom("Long enough");
  for (let number = 1; number <= 20; number += 1) await someone.say(`Line ${String(number).padStart(2, "0")}`);
  await expect(page.getByText("Sending…")).toHaveCount(0);
  const about = page.getByRole("button", { name: "About this room" });
  await someone.messages.hover();
  await page.mouse.wheel(0, -5000);
  await expect(someone.message("Line 20")).not.toBeInViewport();
  await about.focus();
  await page.keyboard.press("End");
  await expect(someone.message("Line 20")).toBeInViewport();
  await about.focus();
  await page.keyboard.press("/");
  await expect(someone.composer).toBeFocused();
  await about.focus();
  await page.evaluate(() => localStorage.setItem("anonchat.keys", "off"));
  await page.keyboard.press("/");
  await expect(about).toBeFocused();
});
