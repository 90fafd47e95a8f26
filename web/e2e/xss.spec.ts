import type { Page } from "@playwright/test";

import { expect, test, type Person } from "./fixtures";
import { xssSamples, SAMPLES } from "./xssCorpus";

/** What ran or was stopped by the page's policy. Requests to others are watched by the fixture. */
interface Watch {
  incidents: string[];
}

/** The longest name that a room can have. */
const MOST_NAME = 50;
/** Fewer than one account may host. */
const ROOMS = 45;

async function watch(page: Page): Promise<Watch> {
  const incidents: string[] = [];
  page.on("dialog", (dialog) => {
    incidents.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    if (message.text().startsWith("pwned")) incidents.push(`the console: ${message.text()}`);
  });
  await page.exposeFunction("reportViolation", (what: string) => incidents.push(`the policy stopped ${what}`));
  await page.addInitScript(() => {
    const { reportViolation } = window as unknown as { reportViolation: (what: string) => void };
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => reportViolation(`${violatedDirective} ${blockedURI}`));
  });
  return { incidents };
}

/** Whether anything of a sample became more than text on the screen that is shown now. */
async function traces(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    if ("pwned" in window || document.title === "pwned") found.push("a payload ran");
    // Tags that no screen of ours has.
    for (const { outerHTML } of document.querySelectorAll("img, iframe, object, embed, math, video, audio, marquee, base, template, foreignObject, animate, #root noscript")) {
      found.push(outerHTML);
    }
    for (const element of document.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        if (name.startsWith("on") || name === "srcdoc" || name === "formaction") found.push(element.outerHTML);
        if (/^(href|src|action|xlink:href)$/.test(name) && /^\s*(javascript|data|vbscript):/i.test(value)) found.push(element.outerHTML);
      }
    }
    return found;
  });
}

/** Asks the server as this person would, from within the page. */
async function post({ page, login, password }: Person, calls: readonly { path: string; body: object }[]): Promise<number[]> {
  return page.evaluate(async ({ login: who, password: secret, calls: bodies }) => {
    const ask = (path: string, body: object, headers = {}) =>
      fetch(`/api/v1${path}`, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) });
    const { data } = (await (await ask("/auth/login", { login: who, password: secret })).json()) as { data: { access_token: string } };
    const statuses: number[] = [];
    for (const { path, body } of bodies) statuses.push((await ask(path, body, { Authorization: `Bearer ${data.access_token}` })).status);
    return statuses;
  }, { login, password, calls });
}

test("the corpus has a thousand different samples, and the watch sees what it is there to see", async ({ browser, server }) => {
  const samples = xssSamples();
  expect(new Set(samples).size).toBe(SAMPLES);
  const context = await browser.newContext();
  const page = await context.newPage();
  const { incidents } = await watch(page);
  await page.goto(server.origin);
  await page.evaluate(() => {
    const script = document.createElement("script");
    const image = document.createElement("img");
    image.src = "//evil.example/pwned.png";
    document.body.append(script, image);
    console.log("pwned");
  });
  await expect.poll(() => incidents.length).toBeGreaterThanOrEqual(2);
  expect(await traces(page)).not.toEqual([]);
  await context.close();
});

test("a thousand messages and names that would like to run do nothing", async ({ person }) => {
  test.setTimeout(300_000);
  const samples = xssSamples();
  const host = await person({ viewport: { width: 1280, height: 2_000 } });
  const { page } = host;
  const { incidents } = await watch(page);
  await host.arrive();
  const link = await host.createRoom("Odd things");
  const room = link.split("/").at(-1) ?? "";
  const sent = await post(host, samples.map((message, n) => ({ path: `/rooms/${room}/messages`, body: { id: `x${n}`, message } })));
  expect(sent.filter((status) => status !== 200 && status !== 201)).toEqual([]);

  // Nobody chooses a name here; a server that lied about names would get no further either.
  await page.route(/\/messages\?/, async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { data: { messages: { seq: number; client_id: string; client_name: string }[] } };
    for (const message of body.data.messages) {
      message.client_id = `OTHER${message.seq}`;
      message.client_name = samples[(message.seq * 7) % SAMPLES] ?? "";
    }
    await route.fulfill({ response: answer, json: body });
  });
  await page.reload();
  const seen = new Set<string>();
  await expect(host.messages.getByRole("article").first()).toBeVisible();
  const found: string[] = [];
  let step = -1_000;
  while (seen.size < SAMPLES && found.length === 0) {
    for (const seq of await host.messages.getByRole("article").evaluateAll((rows) => rows.map(({ id }) => id))) seen.add(seq);
    found.push(...(await traces(page)));
    // What history that came in on the way up has moved past is seen on the way down.
    const atEdge = await host.messages.evaluate((list, by) => {
      list.scrollBy(0, by);
      return by < 0 ? list.scrollTop === 0 : list.scrollTop + list.clientHeight >= list.scrollHeight - 1;
    }, step);
    if (atEdge && (step > 0 || (await page.getByText("This is where the room began.").isVisible()))) step = -step;
  }
  expect(found).toEqual([]);
  expect(incidents).toEqual([]);
});

test("rooms whose names would like to run are names on every screen", async ({ person }) => {
  test.setTimeout(300_000);
  const names = xssSamples().filter((sample) => sample.length <= MOST_NAME && !/\p{C}/u.test(sample)).slice(0, ROOMS);
  expect(names.length).toBe(ROOMS);
  const host = await person();
  const { page } = host;
  const { incidents } = await watch(page);
  await host.arrive();
  const made = await post(host, names.map((name, n) => ({ path: "/rooms/create", body: { name, max_user: 5, visibility: n % 2 === 0 ? "public" : "unlisted", retention_in: null } })));
  expect(made.filter((status) => status !== 201 && status !== 200)).toEqual([]);
  await host.open("/");
  const list = page.getByRole("navigation", { name: "My rooms" });
  await expect.poll(() => list.getByRole("link").count()).toBeGreaterThan(40);
  expect(await traces(page)).toEqual([]);
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("option").first()).toBeVisible();
  expect(await traces(page)).toEqual([]);
  await page.keyboard.press("Escape");
  for (let turn = 0; turn < 8; turn += 1) {
    const before = page.url();
    await page.keyboard.press("Alt+ArrowDown");
    await expect(page).not.toHaveURL(before);
    await expect(host.alias).toBeVisible();
    const details = await host.openDetails();
    await details.getByRole("button", { name: "Settings" }).click();
    await expect(page.getByRole("dialog", { name: "Settings" })).toBeVisible();
    expect(await traces(page)).toEqual([]);
    await page.getByRole("dialog", { name: "Settings" }).getByRole("button", { name: "Close" }).click();
    await details.getByRole("button", { name: "Close" }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }
  const stranger = await person();
  const theirs = await watch(stranger.page);
  await stranger.arrive();
  await expect(stranger.page.getByRole("main").getByRole("link").first()).toBeVisible();
  expect(await traces(stranger.page)).toEqual([]);
  await stranger.open(page.url());
  await expect(stranger.page.getByRole("button", { name: "Enter", exact: true })).toBeVisible();
  expect(await traces(stranger.page)).toEqual([]);
  expect([...incidents, ...theirs.incidents]).toEqual([]);
});
