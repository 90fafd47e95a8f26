import { elsewhere, trimmed, withNewer, withOlder, type Page, type Timeline } from "./timeline";

export type HistoryState = "loading" | "idle" | "failed";

/** Which messages: those before a place, those after one, or the newest. */
export type Where = { before: number } | { after: number } | null;

export type LoadHistory = (where: Where, limit: number) => Promise<Page>;

interface View {
  timeline: () => Timeline;
  show: (change: { history: HistoryState; timeline?: Timeline }) => void;
}

/** How many messages are loaded at once, and at most. */
const PAGE = 50;
const MOST = 200;
const RETRY_MS = 4_000;

/** Loads what lies before and after the lines of a timeline, one page at a time. */
export class HistoryLoader {
  #loading = false;
  /** Tells the answer to the newest question from those that nobody waits for any more. */
  #generation = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #load: LoadHistory;
  readonly #view: View;

  constructor(load: LoadHistory, view: View) {
    this.#load = load;
    this.#view = view;
  }

  stop(): void {
    clearTimeout(this.#retryTimer);
  }

  /** Loads the newest messages of a timeline that has none yet, `unread` of them and some before. */
  begin(unread: number): void {
    const limit = Math.min(MOST, Math.max(PAGE, unread + PAGE));
    void this.#run(async () => {
      const page = await this.#load(null, limit);
      return (timeline) => withOlder(timeline, page);
    }, () => this.begin(unread));
  }

  older(): void {
    const { hasOlder, lines } = this.#view.timeline();
    const [first] = lines;
    if (this.#loading || !hasOlder || !first) return;
    void this.#run(async () => {
      const page = await this.#load({ before: first.seq }, PAGE);
      return (timeline) => withOlder(timeline, page);
    }, () => this.older()).then((loaded) => this.#trim(loaded, "newest"));
  }

  newer(): void {
    const { hasNewer, lines } = this.#view.timeline();
    const last = lines.at(-1);
    if (this.#loading || !hasNewer || !last) return;
    void this.#run(async () => {
      const page = await this.#load({ after: last.seq }, PAGE);
      return (timeline) => withNewer(timeline, page);
    }, () => this.newer()).then((loaded) => this.#trim(loaded, "oldest"));
  }

  /** Goes back to the newest messages. */
  async latest(): Promise<void> {
    await this.#run(async () => {
      const page = await this.#load(null, PAGE);
      return (timeline) => elsewhere(timeline, page);
    }, () => void this.latest());
    this.newer();
  }

  /** Shows the messages around a place; says whether there still is one at it. */
  async around(seq: number): Promise<boolean> {
    await this.#run(async () => {
      const [older, newer] = await Promise.all([this.#load({ before: seq + 1 }, PAGE), this.#load({ after: seq }, PAGE)]);
      const found = older.messages.at(-1)?.seq === seq;
      return (timeline) => (found ? elsewhere(timeline, older, newer) : timeline);
    }, () => undefined);
    return this.#view.timeline().lines.some((line) => line.seq === seq);
  }

  /** A step of its own: the list can keep its place while one end changes, but not both. */
  #trim(loaded: boolean, end: "oldest" | "newest"): void {
    const timeline = this.#view.timeline();
    const shorter = trimmed(timeline, end);
    if (loaded && shorter !== timeline) setTimeout(() => this.#view.show({ history: "idle", timeline: trimmed(this.#view.timeline(), end) }));
  }

  async #run(load: () => Promise<(timeline: Timeline) => Timeline>, again: () => void): Promise<boolean> {
    clearTimeout(this.#retryTimer);
    const generation = ++this.#generation;
    this.#loading = true;
    this.#view.show({ history: "loading" });
    const change = await load().catch(() => null);
    if (generation !== this.#generation) return false;
    this.#loading = false;
    if (change) this.#view.show({ history: "idle", timeline: change(this.#view.timeline()) });
    else {
      this.#view.show({ history: "failed" });
      this.#retryTimer = setTimeout(again, RETRY_MS);
    }
    return change !== null;
  }
}
