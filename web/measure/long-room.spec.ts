import type { CDPSession, Page } from "@playwright/test";

import { expect, test, type Person } from "../e2e/fixtures";

const MESSAGES = Number(process.env.MESSAGES ?? 100_000);
/** As many messages may be under way at once while the room is filled. */
const WINDOW = 400;
const OPENINGS = 5;
const FRAME_MS = 1000 / 60;

interface TraceEvent {
  name: string;
  ph: string;
  ts: number;
  dur?: number;
}

/** Fills the room over the live protocol and waits until the last message is on disk. */
async function fill({ page, login, password }: Person, room: string): Promise<void> {
  await page.evaluate(async ({ count, window: most, ...who }) => {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch("/api/v1/auth/login", { method: "POST", headers, body: JSON.stringify({ login: who.login, password: who.password }) });
    const { data } = (await answer.json()) as { data: { access_token: string } };
    const socket = new WebSocket(`/api/v1/rooms/ws?room=${who.room}`, ["anonchat.v1", `bearer.${data.access_token}`]);
    await new Promise<void>((filled, failed) => {
      let [sent, stored] = [0, 0];
      const more = (): void => {
        for (; sent < count && sent - stored < most; sent += 1) {
          const words = "and then we talked about the letter again, ".repeat(1 + (sent % 5));
          socket.send(JSON.stringify({ type: "send", id: `m${sent}`, message: `Message ${sent + 1}: ${words}` }));
        }
      };
      socket.onclose = ({ code }) => failed(new Error(`the socket closed with ${code}`));
      socket.onmessage = ({ data: text }: MessageEvent<string>) => {
        const frame = JSON.parse(text) as { type: string };
        if (frame.type === "ack") stored += 1;
        if (frame.type === "ack" || frame.type === "welcome") more();
        if (stored === count) filled();
      };
    });
    socket.onclose = null;
    socket.close();
  }, { count: MESSAGES, window: WINDOW, room, login, password });
}

/** Milliseconds from the start of the navigation to the first message in the page. */
async function openingTime(page: Page): Promise<number> {
  await page.reload();
  return page.evaluate(() => (window as unknown as { firstMessage: Promise<number> }).firstMessage);
}

/** Scrolls by wheel for some seconds while Chromium traces; returns what it traced. */
async function traceScrolling(page: Page, cdp: CDPSession, yDistance: number): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  cdp.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const complete = new Promise((done) => cdp.once("Tracing.tracingComplete", done));
  await cdp.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["devtools.timeline", "disabled-by-default-devtools.timeline", "disabled-by-default-devtools.timeline.frame", "toplevel"] } });
  const box = await page.getByRole("region", { name: "Messages" }).boundingBox();
  if (!box) throw new Error("there is no list");
  await cdp.send("Input.synthesizeScrollGesture", { x: box.x + box.width / 2, y: box.y + box.height / 2, yDistance, speed: 3_000, gestureSourceType: "mouse", preventFling: true });
  await cdp.send("Tracing.end");
  await complete;
  return events;
}

function report(what: string, events: readonly TraceEvent[]): void {
  const frames = events.filter(({ name }) => name === "DrawFrame").map(({ ts }) => ts / 1000).sort((one, other) => one - other);
  const gaps = frames.slice(1).map((at, index) => at - (frames[index] ?? at));
  const seconds = gaps.reduce((sum, gap) => sum + gap, 0) / 1000;
  const long = gaps.filter((gap) => gap > 2 * FRAME_MS).length;
  const tasks = events.filter(({ name, dur }) => name.endsWith("RunTask") && (dur ?? 0) > 50_000).length;
  const worst = Math.max(0, ...gaps);
  console.log(`${what}: ${(gaps.length / seconds).toFixed(1)} frames a second over ${seconds.toFixed(1)} s, ${long} of ${gaps.length} frames late by more than one, worst ${worst.toFixed(0)} ms, ${tasks} tasks over 50 ms`);
}

test(`a room with ${MESSAGES} messages`, async ({ person }) => {
  const host = await person();
  await host.arrive();
  const link = await host.createRoom("A very long evening");
  await host.open("/");
  const began = Date.now();
  await fill(host, link.split("/").at(-1) ?? "");
  console.log(`filled in ${((Date.now() - began) / 1000).toFixed(0)} s`);

  const reader = await person({ viewport: { width: 1440, height: 900 } });
  await reader.arrive();
  await reader.enter(link);
  const { page } = reader;
  await expect(reader.message(`Message ${MESSAGES}:`)).toBeInViewport();
  await page.addInitScript(() => {
    const found = new Promise<number>((first) => {
      new MutationObserver((_, observer) => {
        if (!document.querySelector("[role=article]")) return;
        observer.disconnect();
        requestAnimationFrame(() => first(performance.now()));
      }).observe(document, { childList: true, subtree: true });
    });
    Object.assign(window, { firstMessage: found });
  });
  const times: number[] = [];
  for (let opening = 0; opening < OPENINGS; opening += 1) times.push(await openingTime(page));
  console.log(`from the navigation to the first message: ${times.map((time) => time.toFixed(0)).join(", ")} ms`);

  const cdp = await page.context().newCDPSession(page);
  await expect(reader.message(`Message ${MESSAGES}:`)).toBeInViewport();
  report("scrolling up, history being loaded on the way", await traceScrolling(page, cdp, 15_000));
  report("scrolling down again through what is there", await traceScrolling(page, cdp, -15_000));
  const drawn = await reader.messages.getByRole("listitem").count();
  console.log(`${drawn} rows are in the page`);

  const jump = Date.now();
  await page.goto(`${page.url()}?m=${Math.floor(MESSAGES / 2)}`);
  await expect(reader.message(`Message ${Math.floor(MESSAGES / 2)}:`)).toBeInViewport();
  console.log(`a link into the middle opened in ${Date.now() - jump} ms`);
  report("scrolling on from there", await traceScrolling(page, cdp, -15_000));
});
