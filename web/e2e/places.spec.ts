import { expect, test, type Person } from "./fixtures";

interface Filling {
  room: string;
  login: string;
  password: string;
  texts: readonly string[];
}

/** Says `texts` in the room of `link` over HTTP, as a program would. */
async function fill({ page, login, password }: Person, link: string, texts: readonly string[]): Promise<void> {
  const filling: Filling = { room: link.split("/").at(-1) ?? "", login, password, texts };
  await page.evaluate(async ({ room, texts: messages, ...who }) => {
    const post = (path: string, body: object, headers = {}) =>
      fetch(`/api/v1${path}`, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) });
    const { data } = (await (await post("/auth/login", who)).json()) as { data: { access_token: string } };
    for (const message of messages) {
      const body = { id: `fill ${message}`, message };
      const answer = await post(`/rooms/${room}/messages`, body, { Authorization: `Bearer ${data.access_token}` });
      if (!answer.ok) throw new Error(`the room took no message: ${answer.status}`);
    }
  }, filling);
}

const LINES = Array.from({ length: 130 }, (_, index) => `Line ${String(index + 1).padStart(3, "0")}`);

test("a link to a message and an answer lead to places far outside of what is loaded, and back", async ({ person }) => {
  test.slow();
  const host = await person({ permissions: ["clipboard-read", "clipboard-write"] });
  await host.arrive();
  const link = await host.createRoom("A long evening");
  await fill(host, link, LINES.slice(0, 1));
  await host.chooseInMenu("Line 001", "Reply");
  await fill(host, link, LINES.slice(1));
  await host.say("That was the first thing anybody said");
  await host.chooseInMenu("Line 130", "Copy link");
  const copied = await host.page.evaluate(() => navigator.clipboard.readText());
  expect(new URL(copied).search).toBe("?m=130");

  await host.page.reload();
  await expect(host.message("That was the first thing")).toBeInViewport();
  await expect(host.message("Line 001")).toHaveCount(0);
  await host.page.getByRole("button", { name: "an earlier message" }).click();
  await expect(host.message("Line 001")).toBeInViewport();
  await expect(host.page.locator("#m1")).toBeFocused();

  // Far back, what comes in is counted and does not move anything.
  await fill(host, link, ["somebody else’s"]);
  await host.page.getByRole("button", { name: "To the latest message" }).click();
  await expect(host.message("somebody else’s")).toBeInViewport();

  const here = host.page.url();
  await host.page.goto(`${here}?m=50`);
  await expect(host.message("Line 050")).toBeInViewport();
  await expect(host.page.locator("#m50")).toBeFocused();
  await expect(host.page).toHaveURL(here);
  // Whoever writes wants to see it.
  await host.say("And now?");
  await expect(host.message("And now?")).toBeInViewport();
  await host.page.goto(`${here}?m=99999`);
  await expect(host.page.getByText("That message is not there any more.")).toBeVisible();
});

test("new messages are counted while one reads further up, and the line before them stays", async ({ person }) => {
  const host = await person({ viewport: { width: 360, height: 740 } });
  await host.arrive();
  const link = await host.createRoom("Reading group");
  await fill(host, link, LINES.slice(0, 60));
  const guest = await person();
  await guest.arrive();
  await guest.enter(link);
  await expect(host.message("Line 060")).toBeInViewport();
  await host.messages.evaluate((list) => list.scrollBy(0, -700));
  await expect(host.message("Line 060")).not.toBeInViewport();
  for (const text of ["first", "second"]) await guest.say(text);
  const button = host.page.getByRole("button", { name: "2 new messages" });
  await expect(button).toBeVisible();
  await expect(host.page).toHaveTitle(/^\(2\) Reading group/);
  await button.click();
  await expect(host.message("second")).toBeInViewport();
  await expect(button).toBeHidden();
  await host.open("/");
  await guest.say("while you were away");
  await host.open(link);
  await expect(host.messages.getByText("New", { exact: true })).toBeInViewport();
  await expect(host.message("while you were away")).toBeInViewport();
  await guest.say("and one more");
  await expect(host.message("and one more")).toBeVisible();
  await expect(host.messages.getByText("New", { exact: true })).toBeVisible();
});

test("the list is walked through with the arrow keys, and the focus is never lost", async ({ person }) => {
  const host = await person();
  await host.arrive();
  await host.createRoom("By keyboard");
  for (const text of ["one", "two", "three"]) await host.say(text);
  const row = (text: string) => host.messages.getByRole("article").filter({ hasText: text });
  await expect(host.composer).toBeFocused();
  await row("three").focus();
  await host.page.keyboard.press("ArrowUp");
  await expect(row("two")).toBeFocused();
  await host.page.keyboard.press("Home");
  await expect(row("one")).toBeFocused();
  await host.page.keyboard.press("ArrowDown");
  await host.page.keyboard.press("Enter");
  await host.page.getByRole("menuitem", { name: "Delete" }).click();
  await host.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(host.message("This message was deleted.")).toBeVisible();
  await expect(row("three")).toBeFocused();
  await host.page.keyboard.press("/");
  await expect(host.composer).toBeFocused();
  await expect(host.composer).toHaveValue("");
});

test("a screen reader is told what others say and nothing else", async ({ person }) => {
  const host = await person();
  await host.arrive();
  const link = await host.createRoom("Aloud");
  await host.say("said before");
  const guest = await person();
  await guest.arrive();
  await guest.enter(link);
  await expect(guest.message("said before")).toBeVisible();
  const spoken = guest.page.locator("[aria-live=polite]:not([role])");
  await guest.say("my own");
  await host.say("hello");
  await expect(spoken).toHaveText(`${await host.aliasName()}: hello`);
});

test("a changed text waits on this device until it is saved or given up", async ({ person }) => {
  const host = await person();
  await host.arrive();
  await host.createRoom("Drafts");
  await host.say("Frist");
  await host.chooseInMenu("Frist", "Edit");
  await host.composer.fill("First, but better");
  await host.page.reload();
  await expect(host.composer).toHaveValue("");
  await host.chooseInMenu("Frist", "Edit");
  await expect(host.composer).toHaveValue("First, but better");
  await host.composer.press("Escape");
  await host.chooseInMenu("Frist", "Edit");
  await expect(host.composer).toHaveValue("Frist");
});

test("a text that is too long is kept whole, and says by how much", async ({ person }) => {
  const host = await person();
  await host.arrive();
  await host.createRoom("Long");
  await host.composer.fill("a".repeat(4003));
  await expect(host.page.getByText("3 characters too many")).toBeVisible();
  await host.composer.press("Enter");
  await expect(host.composer).toHaveValue("a".repeat(4003));
  await host.composer.fill("```\nlet x = 1;\n```");
  await host.composer.press("Enter");
  await expect(host.messages.getByRole("button", { name: "Copy code" })).toBeVisible();
});
