import { expect, test, type Person } from "./fixtures";

/** Somebody logs in to the account of `other` with a browser of their own. */
async function logIn(someone: Person, { login, password }: Person): Promise<void> {
  const { page } = someone;
  await page.getByLabel("Login or e-mail").fill(login);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

test("what a draft answers is kept with it over a reload and under an edit", async ({ person }) => {
  const host = await person();
  await host.arrive();
  await host.createRoom("Answers");
  await host.say("When do we meet?");
  await host.chooseInMenu("When do we meet?", "Reply");
  await host.composer.fill("At six");
  await host.page.reload();
  await expect(host.composer).toHaveValue("At six");
  await expect(host.page.getByText(/^Reply to/)).toBeVisible();
  const kept = await host.page.evaluate(() => JSON.stringify(localStorage));
  expect(kept).not.toContain("When do we meet?");

  await host.chooseInMenu("When do we meet?", "Edit");
  await host.composer.press("Escape");
  await expect(host.composer).toHaveValue("At six");
  await host.composer.press("Enter");
  await expect(host.message("At six")).toContainText("When do we meet?");
  await host.page.reload();
  await expect(host.message("At six")).toBeVisible();
  await expect(host.page.getByText(/^Reply to/)).toHaveCount(0);
});

test("a session that ends loses neither a draft nor what was sent, and sends nothing twice", async ({ person }) => {
  const here = await person();
  await here.arrive();
  await here.createRoom("Long evening");
  const there = await person();
  await there.open("/login");
  await logIn(there, here);
  await expect(there.page.getByRole("heading", { name: "Where to?" })).toBeVisible();
  await there.open("/account");

  here.loseServer();
  await here.say("Sent as the session ended");
  await here.composer.fill("Half a thought");
  await there.page.getByRole("button", { name: "Log out there" }).click();
  await expect(there.page.getByText("Another browser")).toHaveCount(0);
  here.findServer();
  await expect(here.page.getByText("You were logged out. Log in again; what you had typed is still here.")).toBeVisible({ timeout: 30_000 });
  await logIn(here, here);
  await expect(here.composer).toHaveValue("Half a thought");
  await expect(here.message("Sent as the session ended")).toHaveCount(1);
  await here.composer.press("Enter");
  await expect(here.message("Half a thought")).toHaveCount(1);
  await expect(here.page.getByText(/^(Sending…|Waiting for)/)).toHaveCount(0);
  await here.page.reload();
  for (const text of ["Sent as the session ended", "Half a thought"]) await expect(here.message(text)).toHaveCount(1);
});

test("a refused message stays, says why, and can be copied, tried again and given up", async ({ person }) => {
  const host = await person({ permissions: ["clipboard-read", "clipboard-write"] });
  const { page } = host;
  let refusing = true;
  await page.routeWebSocket(/rooms\/ws/, (near) => {
    const far = near.connectToServer();
    near.onMessage((text) => {
      const frame = JSON.parse(text.toString()) as { type: string; id?: string };
      if (frame.type === "send" && refusing) near.send(JSON.stringify({ type: "error", code: "forbidden", message: "no", id: frame.id }));
      else far.send(text);
    });
  });
  await host.arrive();
  await host.createRoom("Refusals");
  await host.say("First try");
  await host.say("Never mind");
  const first = host.message("First try");
  await expect(first).toContainText("Not sent. You may not do this.");
  await expect(page.getByRole("alert").filter({ hasText: "Not sent." })).toBeAttached();
  await first.getByRole("button", { name: "Copy" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("First try");
  await host.message("Never mind").getByRole("button", { name: "Delete" }).click();
  await expect(host.message("Never mind")).toHaveCount(0);
  refusing = false;
  await first.getByRole("button", { name: "Try again" }).click();
  await expect(first).not.toContainText("Not sent.");
  await page.reload();
  await expect(host.message("First try")).toHaveCount(1);
  await expect(host.message("Never mind")).toHaveCount(0);
});

test("Enter that chooses a word of an input method sends nothing", async ({ person }) => {
  const host = await person();
  await host.arrive();
  await host.createRoom("日本語");
  await host.composer.focus();
  const browser = await host.page.context().newCDPSession(host.page);
  await browser.send("Input.imeSetComposition", { text: "にほん", selectionStart: 3, selectionEnd: 3 });
  await expect(host.composer).toHaveValue("にほん");
  await host.page.keyboard.press("Enter");
  await host.page.keyboard.press("Control+Enter");
  // Safari has ended the composition by then, and says only this.
  await host.composer.dispatchEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true });
  await expect(host.page.getByText("Nobody has said anything yet.")).toBeVisible();
  await browser.send("Input.insertText", { text: "日本" });
  await expect(host.composer).toHaveValue(/日本/);
  await host.composer.press("Enter");
  await expect(host.composer).toHaveValue("");
  await expect(host.message("日本")).toHaveCount(1);
});
