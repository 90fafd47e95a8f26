import { device } from "../../shared/lib/device";
import type { FailureCode } from "../../shared/api/problem";
import type { ClientFrame } from "../../shared/protocol/frames";

/** Something a person asked of the room, under an id that makes asking twice harmless. */
export type Command =
  | { kind: "send"; id: string; text: string; replyTo: number | null; madeAt: number }
  | { kind: "edit"; id: string; text: string; target: number; madeAt: number }
  | { kind: "delete"; id: string; target: number; madeAt: number };

/** A command the room has not yet shown to have carried out. */
export interface Pending {
  command: Command;
  /** Why it failed; null while it is still under way by itself. */
  failure: FailureCode | null;
  /** The place the server gave it, once it said so. */
  seq: number | null;
  /** The place of a message that is in all likelihood this one, heard before the answer came. */
  echo: number | null;
}

/** How many commands may wait for their answer at once, so that a full outbox is no flood. */
const WINDOW = 6;

/**
 * What waits to be sent in one room, in order, and survives a reload. Nothing leaves it before
 * the server has confirmed it or the person has given it up.
 */
export class Outbox {
  #pending: readonly Pending[];
  /** Ids written to the current connection and not yet answered. */
  readonly #inFlight = new Set<string>();
  readonly #prefix: string;

  /** Every command is kept under a key of its own, so that two tabs do not undo each other's. */
  constructor(key: string) {
    this.#prefix = `${key}.`;
    this.#pending = restore(this.#prefix).map((command) => ({ command, failure: null, seq: null, echo: null }));
  }

  get pending(): readonly Pending[] {
    return this.#pending;
  }

  add(command: Command): void {
    device.set(this.#prefix + command.id, JSON.stringify(command));
    this.#replace([...this.#pending, { command, failure: null, seq: null, echo: null }]);
  }

  /** Gives a command up; returns it. */
  discard(id: string): Command | null {
    const found = this.#find(id);
    this.#inFlight.delete(id);
    this.#replace(this.#pending.filter((item) => item !== found));
    return found?.command ?? null;
  }

  /** Lets a failed command try again, behind those that wait. */
  retry(id: string): void {
    const found = this.#find(id);
    if (!found) return;
    this.#replace([...this.#pending.filter((item) => item !== found), { ...found, failure: null }]);
  }

  /** The connection is gone: whatever it carried goes out again with the next one. */
  interrupt(): void {
    this.#inFlight.clear();
  }

  /** Writes as much as may be under way, oldest first; stops at the first that `write` refuses. */
  flush(write: (frame: ClientFrame) => boolean): void {
    for (const { command, failure, seq } of this.#pending) {
      if (failure !== null || seq !== null || this.#inFlight.has(command.id)) continue;
      if (this.#inFlight.size >= WINDOW || !write(frameOf(command))) return;
      this.#inFlight.add(command.id);
    }
  }

  /** The server stored it at `seq`. It stays until the timeline has reached that place. */
  acknowledge(id: string, seq: number, lastSeq: number): void {
    this.#inFlight.delete(id);
    this.#update(id, (item) => ({ ...item, seq, failure: null }));
    this.settle(lastSeq);
  }

  /** The server refused it for good. */
  fail(id: string, failure: FailureCode): void {
    this.#inFlight.delete(id);
    this.#update(id, (item) => ({ ...item, failure, echo: null }));
  }

  /** The server refused it for now: it goes out again with the next flush. */
  postpone(id: string): void {
    this.#inFlight.delete(id);
  }

  /** A message of one's own was heard; hides the oldest waiting one with the same text. */
  recognise(seq: number, text: string): void {
    const match = this.#pending.find(
      ({ command, echo, failure }) =>
        command.kind === "send" && command.text === text && echo === null && failure === null && this.#inFlight.has(command.id),
    );
    if (match) this.#update(match.command.id, (item) => ({ ...item, echo: seq }));
  }

  /** The timeline has reached `lastSeq`: what stands there needs no pending row any more. */
  settle(lastSeq: number): void {
    const open = this.#pending.filter(({ seq }) => seq === null || seq > lastSeq);
    if (open.length !== this.#pending.length) this.#replace(open);
  }

  #find(id: string): Pending | undefined {
    return this.#pending.find(({ command }) => command.id === id);
  }

  #update(id: string, change: (item: Pending) => Pending): void {
    this.#replace(this.#pending.map((item) => (item.command.id === id ? change(item) : item)));
  }

  #replace(pending: readonly Pending[]): void {
    const kept = new Set(pending.map(({ command }) => command.id));
    for (const { command } of this.#pending) {
      if (!kept.has(command.id)) device.remove(this.#prefix + command.id);
    }
    this.#pending = pending;
  }
}

function frameOf(command: Command): ClientFrame {
  const { id } = command;
  switch (command.kind) {
    case "send": {
      const reply = command.replyTo === null ? {} : { reply_to: command.replyTo };
      return { type: "send", id, message: command.text, ...reply };
    }
    case "edit":
      return { type: "edit", id, seq: command.target, message: command.text };
    case "delete":
      return { type: "delete", id, seq: command.target };
  }
}

function restore(prefix: string): Command[] {
  return device.keys(prefix).flatMap((key) => read(key) ?? []).sort((one, other) => one.madeAt - other.madeAt);
}

function read(key: string): Command | null {
  try {
    const kept: unknown = JSON.parse(device.get(key) ?? "null");
    return typeof kept === "object" && kept !== null && "madeAt" in kept ? (kept as Command) : null;
  } catch {
    return null;
  }
}
