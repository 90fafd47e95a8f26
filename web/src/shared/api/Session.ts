import { device } from "../lib/device";
import { Problem } from "./problem";
import type { components } from "./schema";

type Tokens = components["schemas"]["TokensView"];

interface Access {
  token: string;
  endsAt: number;
}

/** Whether somebody is logged in here; `ended` says that the server closed the session. */
export type SessionStatus = "in" | "out" | "ended";

interface Channel {
  postMessage(access: Access | null): void;
  onmessage: ((event: MessageEvent<Access | null>) => unknown) | null;
}

interface Doors {
  /** Asks the server for a new pair; throws a [`Problem`]. */
  refresh: (refreshToken: string) => Promise<Tokens>;
  /** Lets one tab at a time in. */
  exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  /** Reaches the other tabs of this browser. */
  channel: Channel;
}

const KEY = "anonchat.session";
/** A token that ends sooner than this is renewed before it is used. */
const SPARE_MS = 30_000;

/**
 * The tokens of the person who is logged in on this device.
 *
 * The access token lives in memory only. The refresh token is in `localStorage`, which all tabs
 * share, and is spent by one tab at a time; that tab hands the new access token to the others.
 */
export class Session {
  #status: SessionStatus;
  #access: Access | null = null;
  #renewal: Promise<string> | null = null;
  readonly #watchers = new Set<() => void>();
  readonly #doors: Doors;

  constructor(doors: Doors) {
    this.#doors = doors;
    this.#status = device.get(KEY) === null ? "out" : "in";
    doors.channel.onmessage = ({ data }) => this.#hear(data);
  }

  readonly status = (): SessionStatus => this.#status;

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  get refreshToken(): string | null {
    return device.get(KEY);
  }

  /** Keeps the tokens of a person who has just logged in. */
  begin(tokens: Tokens): void {
    this.#keep(tokens);
    this.#become("in");
  }

  /** Forgets the tokens in every tab of this browser. */
  end(): void {
    this.#forget();
    this.#doors.channel.postMessage(null);
    this.#become("out");
  }

  /** An access token that is good for a while yet, renewed first where need be. */
  async accessToken(): Promise<string> {
    return this.#fresh() ?? (await this.renew());
  }

  /**
   * Replaces the access token, whatever its age; calls at the same time share one request.
   * `refused` is the token that the server would not take: one that another tab has put in its
   * place meanwhile is as good.
   */
  renew(refused?: string): Promise<string> {
    this.#renewal ??= this.#doors
      .exclusively(() => this.#spend(refused ?? this.#access?.token))
      .finally(() => {
        this.#renewal = null;
      });
    return this.#renewal;
  }

  async #spend(stale: string | undefined): Promise<string> {
    const fresh = this.#fresh();
    if (fresh !== null && fresh !== stale) return fresh;
    const refreshToken = device.get(KEY);
    if (refreshToken === null) {
      this.#become(this.#status === "in" ? "ended" : this.#status);
      throw new Problem("unauthorized", "nobody is logged in", { status: 401 });
    }
    try {
      return this.#keep(await this.#doors.refresh(refreshToken)).token;
    } catch (cause) {
      const problem = Problem.from(cause);
      if (problem.status === 401) {
        this.#forget();
        this.#become("ended");
      }
      throw problem;
    }
  }

  #fresh(): string | null {
    return this.#access && Date.now() + SPARE_MS < this.#access.endsAt ? this.#access.token : null;
  }

  #keep(tokens: Tokens): Access {
    const access = { token: tokens.access_token, endsAt: Date.now() + tokens.expires_in * 1000 };
    this.#access = access;
    device.set(KEY, tokens.refresh_token);
    this.#doors.channel.postMessage(access);
    return access;
  }

  #forget(): void {
    this.#access = null;
    device.remove(KEY);
  }

  #hear(access: Access | null): void {
    this.#access = access;
    this.#become(access ? "in" : "out");
  }

  #become(status: SessionStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    for (const watcher of this.#watchers) watcher();
  }
}

/** Other tabs of this browser, where the browser can reach them. */
export function openChannel(): Channel {
  if (typeof BroadcastChannel === "undefined") return { postMessage: () => undefined, onmessage: null };
  return new BroadcastChannel(KEY);
}

/**
 * One tab at a time. On plain http there are no locks; two tabs may then race, which the server's
 * grace for the token spent last makes harmless.
 */
export async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  const locks = (navigator as { locks?: LockManager }).locks;
  return locks ? await locks.request(KEY, work) : await work();
}
