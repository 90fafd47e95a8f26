import { expect, Person, test, watchedPage, type Watched } from "./fixtures";
import { Mount } from "./Mount";
import { Server } from "./server";

const PATH = "/chat";

interface Mounted {
  mount: Mount;
  server: Server;
}

const mountedTest = test.extend<{ mounted: Mounted }>({
  // eslint-disable-next-line no-empty-pattern -- the runner reads the names in the pattern
  mounted: async ({}, use) => {
    const mount = await Mount.at(PATH);
    const server = await Server.start({ ANONCHAT_SERVER__PUBLIC_URL: mount.origin + PATH });
    mount.leadTo(server.origin);
    await use({ mount, server });
    await mount.remove();
    await server.stop();
  },
});

mountedTest("under a path of another address everything is there, and nothing is asked beside it", async ({ browser, mounted: { mount, server } }) => {
  const watched: Watched = { complaints: [], strangers: [] };
  const arrive = async (name: string): Promise<Person> => {
    const someone = new Person(await watchedPage(browser, mount.origin, {}, watched), mount, `${name}_under_a_path`, PATH);
    await someone.arrive();
    return someone;
  };

  const host = await arrive("host");
  const { page } = host;
  const link = await host.createRoom("Next to the shop");
  expect(link).toMatch(new RegExp(`^${mount.origin}${PATH}/r/`));
  const guest = await arrive("guest");
  await guest.enter(link);
  await guest.say("Is this the chat?");
  await expect(host.message("Is this the chat?")).toBeVisible();
  await host.say("It is.");
  await expect(guest.message("It is.")).toBeVisible();

  // The address of the room is good for a reload, and the brand leads to where the path begins.
  await page.reload();
  await expect(host.message("It is.")).toBeVisible();
  await page.getByRole("link", { name: "AnonChat, start page" }).click();
  await expect(page.getByRole("heading", { name: "Where to?" })).toBeVisible();
  expect(new URL(page.url()).pathname).toMatch(/^\/chat\/?$/);

  // What is installed and what is kept for later belong to the path.
  const scope = await page.evaluate(async () => (await navigator.serviceWorker.ready).scope);
  expect(scope).toBe(`${mount.origin}${PATH}/`);
  const browserItself = await page.context().newCDPSession(page);
  const { errors, data } = await browserItself.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  expect((JSON.parse(data ?? "") as { scope: string }).scope).toBe("./");
  await page.evaluate(() => caches.open("of the shop"));
  await host.goOffline();
  await host.open("/privacy");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await host.comeBack();

  // Whoever opens the setup link that the server prints becomes its operator.
  const operator = new Person(await watchedPage(browser, mount.origin, {}, watched), mount, "operator_under_a_path", PATH);
  await operator.takeOver(`${mount.origin}${await server.setupPath()}`);
  expect(new URL(operator.page.url()).pathname).toBe(`${PATH}/admin`);

  await host.open("/account");
  await page.getByRole("button", { name: "Clear this device" }).click();
  await expect(page.getByText("Talk in a group.")).toBeVisible();
  expect(await page.evaluate(() => caches.keys())).toEqual(["of the shop"]);
  expect(new URL(page.url()).pathname).toBe(`${PATH}/`);

  for (const someone of [host, guest, operator]) await someone.page.context().close();
  expect(mount.strays.filter((url) => url !== "/favicon.ico")).toEqual([]);
  expect(watched).toEqual({ complaints: [], strangers: [] });
});
