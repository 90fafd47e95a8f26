import { backoff } from "./backoff";

/** What to do about a connection that ended. */
export type Verdict = { retry: true; notBefore?: number } | { retry: false };

export interface Ending {
  code: number;
  /** Whether the handshake had succeeded. */
  wasOpen: boolean;
}

interface Owner {
  /** Starts a handshake; a rejection counts as a connection that never opened. */
  connect: () => Promise<WebSocket>;
  opened: () => void;
  heard: (text: string) => void;
  /** Judges the end of a connection; called once for each. */
  ended: (ending: Ending) => Promise<Verdict>;
  /** The next try is at this time, or under way when null. */
  waiting: (until: number | null) => void;
}

/** Silence after which the line is tried, and time the answer may take. */
const QUIET_MS = 15_000;
const ANSWER_MS = 10_000;

/**
 * One WebSocket that comes back: waits longer after each failure, tries at once when the network
 * or the page returns, and finds a dead line within 25 s. Knows nothing of what is said over it.
 */
export class LiveSocket {
  #socket: WebSocket | null = null;
  #attempt = 0;
  #running = false;
  /** Tells the callbacks of a connection that was given up from those of the current one. */
  #generation = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #heartbeat: ReturnType<typeof setTimeout> | undefined;
  readonly #owner: Owner;
  readonly #random: () => number;

  constructor(owner: Owner, random: () => number = Math.random) {
    this.#owner = owner;
    this.#random = random;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    window.addEventListener("online", this.retryNow);
    window.addEventListener("offline", this.#onOffline);
    document.addEventListener("visibilitychange", this.#onVisible);
    this.#connect();
  }

  stop(): void {
    this.#running = false;
    this.#generation += 1;
    window.removeEventListener("online", this.retryNow);
    window.removeEventListener("offline", this.#onOffline);
    document.removeEventListener("visibilitychange", this.#onVisible);
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#heartbeat);
    this.#socket?.close(1000);
    this.#socket = null;
  }

  /** Whether the text went to the browser's buffer; false when there is no open connection. */
  send(text: string): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  /** The owner has heard what it wanted: failures count from one again. */
  settle(): void {
    this.#attempt = 0;
  }

  /** Drops the current connection and opens another one at once. */
  reconnect(): void {
    this.#drop();
    this.#attempt = 0;
    this.#connect();
  }

  /** Ends a wait; when connected, makes sure that the line is alive. */
  readonly retryNow = (): void => {
    if (!this.#running) return;
    if (this.#retryTimer === undefined) this.#probe();
    else this.#connect();
  };

  readonly #onVisible = (): void => {
    if (document.visibilityState === "visible") this.retryNow();
  };

  /** The network went away under the connection: it will not come back, and trying starts at once. */
  readonly #onOffline = (): void => {
    if (this.#socket) this.#giveUp();
  };

  #connect(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    const generation = ++this.#generation;
    this.#owner.waiting(null);
    this.#owner.connect().then(
      (socket) => this.#adopt(socket, generation),
      () => {
        if (generation === this.#generation) void this.#lose({ code: 1006, wasOpen: false });
      },
    );
  }

  #adopt(socket: WebSocket, generation: number): void {
    if (generation !== this.#generation) {
      socket.close(1000);
      return;
    }
    this.#socket = socket;
    let wasOpen = false;
    const current = (): boolean => generation === this.#generation;
    socket.onopen = () => {
      wasOpen = true;
      if (!current()) return;
      this.#listen();
      this.#owner.opened();
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (!current()) return;
      this.#listen();
      if (typeof event.data === "string") this.#owner.heard(event.data);
    };
    socket.onclose = ({ code }) => {
      if (current()) void this.#lose({ code, wasOpen });
    };
  }

  /** Something was heard: all is well for another while. */
  #listen(): void {
    clearTimeout(this.#heartbeat);
    this.#heartbeat = setTimeout(this.#probe, QUIET_MS);
  }

  readonly #probe = (): void => {
    clearTimeout(this.#heartbeat);
    if (!this.send(JSON.stringify({ type: "ping", t: Date.now() }))) return;
    this.#heartbeat = setTimeout(() => this.#giveUp(), ANSWER_MS);
  };

  #giveUp(): void {
    this.#drop();
    void this.#lose({ code: 1006, wasOpen: true });
  }

  #drop(): void {
    this.#generation += 1;
    clearTimeout(this.#heartbeat);
    this.#socket?.close(1000);
    this.#socket = null;
  }

  async #lose(ending: Ending): Promise<void> {
    clearTimeout(this.#heartbeat);
    this.#socket = null;
    const generation = this.#generation;
    const verdict = await this.#owner.ended(ending);
    if (!this.#running || generation !== this.#generation) return;
    if (!verdict.retry) {
      this.stop();
      return;
    }
    const wait = Math.max(backoff(this.#attempt++, this.#random()), (verdict.notBefore ?? 0) - Date.now());
    this.#owner.waiting(Date.now() + wait);
    this.#retryTimer = setTimeout(() => this.#connect(), wait);
  }
}
