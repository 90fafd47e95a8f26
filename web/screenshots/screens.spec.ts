import { resolve } from "node:path";

import type { BrowserContextOptions } from "@playwright/test";

import { expect, test, type Person } from "../e2e/fixtures";

const FOLDER = resolve(import.meta.dirname, "../../docs/screenshots");
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

type Arrive = (options?: BrowserContextOptions) => Promise<Person>;

async function picture(person: Person, name: string): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    await person.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const [device, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      await person.page.setViewportSize(viewport);
      await person.page.evaluate(() => document.fonts.ready);
      await person.page.screenshot({ path: `${FOLDER}/${name}-${device}-${colorScheme}.png` });
    }
  }
  await person.page.setViewportSize(DESKTOP);
}

async function neighboursOf(person: Arrive, link: string, count: number): Promise<Person[]> {
  const people = [];
  for (let n = 0; n < count; n += 1) {
    const neighbour = await person();
    await neighbour.arrive();
    await neighbour.enter(link);
    people.push(neighbour);
  }
  return people;
}

/** Everything is said in this order, and seen by `reader` before the next one speaks. */
async function talk(reader: Person, lines: readonly [Person | undefined, string][]): Promise<void> {
  for (const [speaker, text] of lines) {
    if (!speaker) throw new Error("somebody must say it");
    await speaker.say(text);
    await expect(reader.message(text).first()).toBeVisible();
  }
  await reader.page.mouse.move(0, 0);
}

test("a tenants' group", async ({ person }) => {
  test.setTimeout(300_000);
  const tenant = await person({ viewport: DESKTOP });
  await tenant.open("/");
  await expect(tenant.page.getByRole("heading", { level: 1 })).toBeVisible();
  await picture(tenant, "front");
  await tenant.arrive();
  const others = [];
  for (const name of ["Chess club, beginners", "Night line"]) {
    await tenant.open("/");
    others.push(await tenant.createRoom(name));
  }
  await tenant.open("/");
  const link = await tenant.createRoom("Mill Street 12, tenants");

  const [first, second, third, fourth] = await neighboursOf(person, link, 4);
  await talk(tenant, [
    [first, "Did anyone else get the letter about the rent? Mine goes up by 18 %."],
    [second, "Same here. And the lift has been broken since March."],
    [second, "I asked twice, no answer."],
    [tenant, "I have every letter since 2021. I just never dared to say so with my name on it."],
    [third, "А нам пришло письмо только на прошлой неделе. Тоже плюс 18 %, без объяснений."],
    [fourth, "Ours says 18, too. Fourth floor."],
    [first, "Then let’s put them side by side. Nobody has to know whose is whose."],
    [tenant, "Good. I’ll type out the dates tonight."],
    [second, "Thank you. It helps to know it isn’t only me. 🙂"],
  ]);
  await picture(tenant, "room");

  const caller = await person();
  await caller.arrive();
  await caller.open(others[1] ?? "");
  await expect(caller.page.getByRole("button", { name: "Enter", exact: true })).toBeVisible();
  await picture(caller, "door");
  await caller.page.getByRole("button", { name: "Enter", exact: true }).click();
  await expect(caller.alias).toBeVisible();
  await caller.say("Is somebody awake?");
  await caller.say("I only need to tell it to someone who does not know me.");
  await expect(caller.page.getByText("Sending…")).toHaveCount(0);
  await tenant.open("/");
  await expect(tenant.page.getByRole("heading", { name: "Where to?" })).toBeVisible();
  await expect(tenant.page.getByText("2 unread messages").first()).toBeAttached();
  await picture(tenant, "rooms");
  await tenant.page.keyboard.press("Control+k");
  await expect(tenant.page.getByRole("option").first()).toBeVisible();
  await picture(tenant, "switcher");
});

test("what is known about somebody, and what an operator sees", async ({ person, server }) => {
  test.setTimeout(300_000);
  const tenant = await person();
  await tenant.arrive();
  for (const name of ["Night line", "Chess club, beginners", "Mill Street 12, tenants"]) {
    await tenant.open("/");
    await tenant.createRoom(name);
    await tenant.say("Hello. Is anybody here yet?");
    await expect(tenant.page.getByText("Sending…")).toHaveCount(0);
  }
  await tenant.open("/privacy");
  await expect(tenant.page.getByText("Mill Street 12, tenants")).toBeVisible();
  await picture(tenant, "privacy");
  const operator = await person();
  await operator.takeOver(await server.setupPath());
  await expect(operator.page.getByText("Running since")).toBeVisible();
  await expect(operator.page.getByText("Night line").first()).toBeVisible();
  await picture(operator, "operator");
});

test("a class before an exam, in Russian", async ({ person }) => {
  test.setTimeout(300_000);
  const host = await person();
  await host.arrive();
  const link = await host.createRoom("Экзамен в четверг");
  const [reader, second, third, fourth] = await neighboursOf(person, link, 4);
  if (!reader) throw new Error("somebody must read it");
  await talk(reader, [
    [second, "Кто-нибудь понял третий вопрос из списка?"],
    [host, "Я — нет. И на лекции постеснялась спросить."],
    [third, "Там всё через условную вероятность: сначала формула Байеса, потом подставить числа из таблицы."],
    [reader, "А таблицу нам дадут или её надо помнить?"],
    [fourth, "В прошлом году давали."],
    [second, "Тогда всё не так страшно. Спасибо!"],
  ]);
  const { page } = reader;
  await page.setViewportSize(DESKTOP);
  await page.evaluate(() => localStorage.setItem("anonchat.language", "ru"));
  await page.reload();
  await expect(page.getByText("Тогда всё не так страшно.")).toBeVisible();
  await picture(reader, "room-ru");
});
