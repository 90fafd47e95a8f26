import { resolve } from "node:path";

import { expect, test, type Person } from "../e2e/fixtures";

const FOLDER = resolve(import.meta.dirname, "../../docs/screenshots");
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

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

test("a tenants' group", async ({ person }) => {
  const tenant = await person({ viewport: DESKTOP });
  await tenant.open("/");
  await expect(tenant.page.getByRole("heading", { level: 1 })).toBeVisible();
  await picture(tenant, "front");
  await tenant.arrive();
  await tenant.createRoom("Chess club, beginners");
  await tenant.say("Is there a meeting on Friday?");
  await tenant.open("/");
  const link = await tenant.createRoom("Mill Street 12, tenants");

  const neighbours = [];
  for (let n = 0; n < 3; n += 1) {
    const neighbour = await person();
    await neighbour.arrive();
    await neighbour.enter(link);
    neighbours.push(neighbour);
  }
  const [first, second, third] = neighbours;
  if (!first || !second || !third) throw new Error("three neighbours");
  const talk: [Person, string][] = [
    [first, "Did anyone else get the letter about the rent? Mine goes up by 18 %."],
    [second, "Same here. And the lift has been broken since March."],
    [second, "I asked twice, no answer."],
    [tenant, "I have every letter since 2021. I just never dared to say so with my name on it."],
    [third, "А нам пришло письмо только на прошлой неделе. Тоже плюс 18 %, без объяснений."],
    [first, "Then let’s put them side by side. Nobody has to know whose is whose."],
    [tenant, "Good. I’ll type out the dates tonight."],
    [second, "Thank you. It helps to know it isn’t only me. 🙂"],
  ];
  for (const [speaker, text] of talk) {
    await speaker.say(text);
    await expect(tenant.message(text).first()).toBeVisible();
  }
  await tenant.page.mouse.move(0, 0);
  await picture(tenant, "room");
  await tenant.open("/");
  await expect(tenant.page.getByRole("heading", { name: "Where to?" })).toBeVisible();
  await picture(tenant, "rooms");
});
