import { test as base, expect, type Browser, type BrowserContextOptions, type Locator, type Page } from "@playwright/test";

import { Server } from "./server";
import { Wire, type Way } from "./Wire";

export { expect };

const PASSWORD = "correct horse battery";

function pathOf({ pathname, hash }: URL): string {
  return pathname + hash;
}

/** Somebody at a browser of their own. */
export class Person {
  readonly page: Page;
  readonly login: string;
  readonly password = PASSWORD;
  readonly #wire: Way;
  readonly #base: string;

  /** `base` is the path at which the wire leads to the server, without a slash at its end. */
  constructor(page: Page, wire: Way, login: string, base = "") {
    this.page = page;
    this.login = login;
    this.#wire = wire;
    this.#base = base;
  }

  /** Opens a path inside of the UI, or the path of a link that somebody else was given. */
  async open(link: string): Promise<void> {
    const { origin } = this.#wire;
    const base = link.startsWith("/") ? this.#base : "";
    await this.page.goto(origin + base + pathOf(new URL(link, origin)));
  }

  async goOffline(): Promise<void> {
    this.#wire.cut();
    await this.page.context().setOffline(true);
  }

  async comeBack(): Promise<void> {
    this.#wire.mend();
    await this.page.context().setOffline(false);
  }

  /** The server stops answering, but the browser thinks it has a network. */
  loseServer(): void {
    this.#wire.cut();
  }

  findServer(): void {
    this.#wire.mend();
  }

  /** Fills in the registration that is on the screen. */
  async register(): Promise<void> {
    await this.page.getByLabel("Login").fill(this.login);
    await this.page.getByLabel("E-mail").fill(`${this.login}@example.org`);
    await this.page.getByLabel("Password", { exact: true }).fill(this.password);
    await this.page.getByRole("button", { name: "Make account" }).click();
  }

  /** Makes an account and waits for the start page. */
  async arrive(): Promise<void> {
    await this.open("/register");
    await this.register();
    await expect(this.page.getByRole("heading", { name: "Where to?" })).toBeVisible();
  }

  /** Creates a room, goes in and returns the link that was offered for sharing. */
  async createRoom(name: string): Promise<string> {
    await this.page.getByRole("main").getByRole("button", { name: "Create a room" }).click();
    const dialog = this.page.getByRole("dialog");
    await dialog.getByLabel("Name of the room").fill(name);
    await dialog.getByRole("button", { name: "Create room" }).click();
    const link = await dialog.getByLabel("Link to the room").inputValue();
    await dialog.getByRole("button", { name: "Go to the room" }).click();
    await expect(this.composer).toBeVisible();
    return link;
  }

  /** Goes through the door of the room behind `link`. */
  async enter(link: string): Promise<void> {
    await this.open(link);
    await this.page.getByRole("button", { name: "Enter", exact: true }).click();
    await expect(this.alias).toBeVisible();
  }

  /** Becomes an operator by a setup link, and waits for their page. */
  async takeOver(setupPath: string): Promise<void> {
    await this.open(setupPath);
    await this.register();
    await expect(this.page.getByRole("heading", { name: "This server", exact: true })).toBeVisible();
  }

  get composer(): Locator {
    return this.page.getByRole("textbox", { name: "Message" });
  }

  /** The name this person wears in the room, as it stands at the composer. */
  get alias(): Locator {
    return this.page.locator("#composer-foot").getByText(/as \w/);
  }

  async aliasName(): Promise<string> {
    return (await this.alias.innerText()).trim().replace(/^as /, "");
  }

  get messages(): Locator {
    return this.page.getByRole("region", { name: "Messages" });
  }

  message(text: string): Locator {
    return this.messages.getByRole("listitem").filter({ hasText: text });
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Control+Enter");
    await expect(this.composer).toHaveValue("");
  }

  /** Opens the menu of the oldest message with this text; an answer quotes it, too. */
  async chooseInMenu(text: string, item: string): Promise<void> {
    const row = this.message(text).first();
    await row.hover();
    await row.getByRole("button", { name: "What to do with this message" }).click();
    await this.page.getByRole("menuitem", { name: item }).click();
  }

  async openDetails(): Promise<Locator> {
    await this.page.getByRole("button", { name: "About this room" }).click();
    return this.page.getByRole("dialog", { name: "About this room" });
  }
}

interface Fixtures {
  /** Opens a browser for somebody new. Whatever it complains about or asks elsewhere fails the test. */
  person: (options?: BrowserContextOptions) => Promise<Person>;
}

let people = 0;

export const test = base.extend<Fixtures, { server: Server }>({
  server: [
    // eslint-disable-next-line no-empty-pattern -- the runner reads the names in the pattern
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],

  person: async ({ browser, server }, use, testInfo) => {
    const watched: Watched = { complaints: [], strangers: [] };
    const opened: { page: Page; wire: Wire }[] = [];
    await use(async (options = {}) => {
      const wire = await Wire.to(server.origin);
      const page = await watchedPage(browser, wire.origin, options, watched);
      opened.push({ page, wire });
      people += 1;
      return new Person(page, wire, `p${testInfo.workerIndex}_${people}_${Date.now() % 1_000_000}`);
    });
    for (const { page, wire } of opened) {
      await page.context().close();
      await wire.remove();
    }
    expect(watched.complaints, "the browser has nothing to complain about").toEqual([]);
    expect(watched.strangers, "nothing is asked of anybody else").toEqual([]);
  },
});

/** What a browser complains about, and whom else it asks. */
export interface Watched {
  complaints: string[];
  strangers: string[];
}

/** What a browser reports of its own accord when the network is away or the server refuses. */
const EXPECTED =
  /HTTP Authentication failed|An unknown error occurred when fetching the script|closed before (receiving a handshake response|the connection is established)|net::ERR_(INTERNET_DISCONNECTED|CONNECTION_\w+|EMPTY_RESPONSE|NETWORK_CHANGED|SOCKET_NOT_CONNECTED)|(responded with a status of|Unexpected response code:) (4\d\d|503)/;

/** A page whose complaints, and whose requests to others, are written down. */
export async function watchedPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions,
  watched: Watched,
): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const judge = (url: string): void => {
    const { host } = new URL(url);
    if (host !== new URL(origin).host) watched.strangers.push(url);
    if (/token|bearer|eyJ/i.test(url)) watched.strangers.push(`a token travels in ${url}`);
  };
  // The context also sees what its service worker asks for.
  context.on("request", (request) => judge(request.url()));
  page.on("websocket", (socket) => judge(socket.url()));
  page.on("pageerror", (error) => watched.complaints.push(error.message));
  page.on("console", (message) => {
    const grave = message.type() === "error" || message.type() === "warning";
    if (grave && !EXPECTED.test(message.text())) watched.complaints.push(message.text());
  });
  return page;
}
