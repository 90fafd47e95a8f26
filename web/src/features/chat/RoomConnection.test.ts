import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { Message, Room } from "../../shared/api/client";
import { Problem } from "../../shared/api/problem";
import { FakeSocket } from "../../test/FakeSocket";
import { Outbox } from "./Outbox";
import { RoomConnection, type Resume, type RoomDoors } from "./RoomConnection";

const room: Room = { room_id: "R", name: "Night line", visibility: "unlisted", max_user: 5, online: 1, retention_in: null, created_at: 0, head: 0 };
const me = { client_id: "ME", client_name: "Quiet Heron", is_host: false };

function welcome(head: number, epoch = "e1") {
  return { type: "welcome", room: { ...room, head, unread: 0 }, you: me, head, epoch, build: "b1", server_time: 0, heartbeat_in: 25 };
}

function message(seq: number, text: string, client_id = "OTHER"): Message {
  return { type: "message", room_id: "R", seq, at: 0, client_id, client_name: client_id, message: text };
}

let sockets: FakeSocket[];
let resumes: (Resume | null)[];
let doors: RoomDoors;
let connection: RoomConnection;
let stop: () => void;

/** Lets promises and the timers that are due go on. */
const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

async function socket(): Promise<FakeSocket> {
  await settle();
  const newest = sockets.at(-1);
  if (!newest) throw new Error("no socket was opened");
  return newest;
}

async function enter(head = 0): Promise<FakeSocket> {
  const opened = await socket();
  opened.open();
  opened.hear(welcome(head));
  await settle();
  return opened;
}

function texts(): string[] {
  return connection.snapshot().timeline.lines.map(({ text }) => text);
}

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  resumes = [];
  doors = {
    openSocket: (resume) => {
      resumes.push(resume);
      const opened = new FakeSocket();
      sockets.push(opened);
      return Promise.resolve(opened.asSocket());
    },
    loadRoom: vi.fn(() => Promise.resolve(room)),
    loadHistory: vi.fn(() => Promise.resolve({ messages: [], head: 0, has_more: false })),
    freshToken: vi.fn(() => Promise.resolve("fresh")),
    outbox: new Outbox("outbox"),
    rememberAlias: vi.fn(),
    isNewerBuild: (build) => build !== "b1",
  };
  connection = new RoomConnection(doors);
  stop = connection.start();
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

test("history and live messages make one list", async () => {
  doors.loadHistory = () => Promise.resolve({ messages: [message(1, "one"), message(2, "two")], head: 2, has_more: false });
  const line = await enter(2);
  line.hear(message(3, "three"));
  expect(texts()).toEqual(["one", "two", "three"]);
  expect(connection.snapshot().phase).toBe("live");
});

test("after a break the connection asks for what it missed, and says where it was", async () => {
  const line = await enter();
  line.hear(message(1, "one"));
  line.end(1006);
  await settle(600);
  expect(resumes).toEqual([null, { since: 1, epoch: "e1" }]);
  const next = await enter(2);
  next.hear(message(1, "one"));
  next.hear(message(2, "two"));
  expect(texts()).toEqual(["one", "two"]);
});

test("a gap in the sequence is fetched rather than skipped", async () => {
  const line = await enter();
  line.hear(message(1, "one"));
  line.hear(message(3, "three"));
  await settle();
  expect(texts()).toEqual(["one"]);
  expect(resumes.at(-1)).toEqual({ since: 1, epoch: "e1" });
});

test("a reset starts afresh with history", async () => {
  const line = await enter();
  line.hear(message(1, "one"));
  doors.loadHistory = () => Promise.resolve({ messages: [message(900, "late")], head: 900, has_more: true });
  line.hear({ type: "reset", head: 900 });
  await settle();
  expect(texts()).toEqual(["late"]);
});

test("a place outside of what is loaded is reached over HTTP, and what comes in meanwhile is only counted", async () => {
  const page = (seqs: number[], has_more: boolean) => ({ messages: seqs.map((seq) => message(seq, `text ${seq}`)), head: 900, has_more });
  doors.loadHistory = (where) =>
    Promise.resolve(where === null ? page([899, 900], true) : "before" in where ? page([99, 100], true) : page([101], true));
  const line = await enter(900);
  const reached = connection.reach(100);
  await settle();
  await expect(reached).resolves.toBe(true);
  expect(texts()).toEqual(["text 99", "text 100", "text 101"]);
  line.hear(message(901, "live"));
  expect(texts()).not.toContain("live");
  expect(connection.snapshot().unseen).toEqual(new Set([901]));
  expect(connection.snapshot().heard.map(({ text }) => text)).toEqual(["live"]);
  doors.loadHistory = () => Promise.resolve({ messages: [message(901, "live")], head: 901, has_more: true });
  await connection.showLatest();
  expect(texts()).toEqual(["live"]);
  expect(connection.snapshot().timeline.hasNewer).toBe(false);
});

test("a place that is gone leaves the list as it is", async () => {
  doors.loadHistory = () => Promise.resolve({ messages: [message(2, "two")], head: 2, has_more: false });
  await enter(2);
  await expect(connection.reach(1)).resolves.toBe(false);
  expect(texts()).toEqual(["two"]);
});

test("history that could not be loaded is tried again by itself", async () => {
  doors.loadHistory = () => Promise.reject(new Problem("offline", "no network"));
  await enter(2);
  expect(connection.snapshot().history).toBe("failed");
  doors.loadHistory = () => Promise.resolve({ messages: [message(2, "two")], head: 2, has_more: false });
  await settle(4_100);
  expect(texts()).toEqual(["two"]);
});

test("what is unread on arrival is marked and counted until it was in sight", async () => {
  doors.loadHistory = () => Promise.resolve({ messages: [message(1, "one"), message(2, "two"), message(3, "mine", "ME")], head: 3, has_more: false });
  const opened = await socket();
  opened.open();
  opened.hear({ ...welcome(3), room: { ...room, unread: 1 } });
  await settle();
  expect(connection.snapshot().unreadFrom).toBe(2);
  expect(connection.snapshot().unseen).toEqual(new Set([2]));
  connection.markRead();
  expect(connection.snapshot().unseen.size).toBe(0);
  expect(connection.snapshot().unreadFrom).toBe(2);
});

describe("sending", () => {
  test("a message is in the list at once and leaves the outbox when its place is known", async () => {
    const line = await enter();
    connection.send("hello", null);
    expect(connection.snapshot().pending).toHaveLength(1);
    const id = line.of("send")[0]?.id as string;
    line.hear(message(1, "hello", "ME"));
    expect(connection.snapshot().pending[0]?.echo).toBe(1);
    line.hear({ type: "ack", id, seq: 1, at: 0 });
    expect(connection.snapshot().pending).toEqual([]);
    expect(texts()).toEqual(["hello"]);
    expect(localStorage.length).toBe(0);
  });

  test("an answer that comes before the message keeps the row until the message is there", async () => {
    const line = await enter();
    connection.send("hello", null);
    line.hear({ type: "ack", id: line.of("send")[0]?.id as string, seq: 1, at: 0 });
    expect(connection.snapshot().pending).toHaveLength(1);
    line.hear(message(1, "hello", "ME"));
    expect(connection.snapshot().pending).toEqual([]);
  });

  test("what was not answered goes out again with the same id, in order", async () => {
    const line = await enter();
    connection.send("one", null);
    line.end(1006);
    connection.send("two", 7);
    await settle(600);
    const next = await enter();
    expect(next.of("send").map(({ id, message: text, reply_to }) => [id, text, reply_to])).toEqual([
      [line.of("send")[0]?.id, "one", undefined],
      [expect.any(String), "two", 7],
    ]);
  });

  test("what waits survives a reload of the page", async () => {
    connection.send("kept", null);
    const ids = connection.snapshot().pending.map(({ command }) => command.id);
    stop();
    connection = new RoomConnection({ ...doors, outbox: new Outbox("outbox") });
    stop = connection.start();
    const line = await enter();
    expect(line.of("send").map(({ id }) => id)).toEqual(ids);
  });

  test("a full outbox is sent a few at a time", async () => {
    for (let number = 0; number < 20; number += 1) connection.send(`text ${number}`, null);
    const line = await enter();
    expect(line.of("send")).toHaveLength(6);
    line.hear({ type: "ack", id: line.of("send")[0]?.id as string, seq: 1, at: 0 });
    expect(line.of("send")).toHaveLength(7);
  });

  test("too fast: it waits as long as it is told and goes out by itself", async () => {
    const line = await enter();
    connection.send("hello", null);
    const id = line.of("send")[0]?.id;
    line.hear({ type: "error", code: "rate_limited", message: "slow down", id, retry_after: 2 });
    expect(connection.snapshot().heldUntil).toBe(Date.now() + 2000);
    await settle(2_100);
    expect(line.of("send").map((frame) => frame.id)).toEqual([id, id]);
    expect(connection.snapshot().pending[0]?.failure).toBeNull();
  });

  test("a refusal stays in the list with its reason until the person decides", async () => {
    const line = await enter();
    connection.send("hello", null);
    const id = line.of("send")[0]?.id as string;
    line.hear({ type: "error", code: "invalid_request", message: "no", id });
    expect(connection.snapshot().pending[0]?.failure).toBe("invalid_request");
    connection.retry(id);
    expect(line.of("send")).toHaveLength(2);
    connection.discard(id);
    expect(connection.snapshot().pending).toEqual([]);
  });
});

describe("endings", () => {
  test.each([[4410, "deleted"], [4403, "removed"]] as const)("close code %i means %s", async (code, end) => {
    (await enter()).end(code);
    await settle(60_000);
    expect(connection.snapshot().end).toBe(end);
    expect(sockets).toHaveLength(1);
  });

  test("a refused handshake is explained over HTTP", async () => {
    doors.loadRoom = () => Promise.reject(new Problem("room_not_found", "gone", { status: 404 }));
    (await socket()).end(1006);
    await settle();
    expect(connection.snapshot().end).toBe("not_found");
  });

  test("a full room is waited for", async () => {
    doors.loadRoom = () => Promise.resolve({ ...room, online: 5 });
    (await socket()).end(1006);
    await settle();
    expect(connection.snapshot().phase).toBe("full");
    await settle(5_100);
    await enter();
    expect(connection.snapshot().phase).toBe("live");
  });

  test("an ended token is renewed and the connection comes back", async () => {
    (await enter()).end(4401);
    await settle(600);
    expect(doors.freshToken).toHaveBeenCalledOnce();
    await enter();
    expect(connection.snapshot().phase).toBe("live");
  });

  test("an ended session ends the conversation, and keeps what was typed", async () => {
    await enter();
    doors.freshToken = () => Promise.reject(new Problem("session_revoked", "gone", { status: 401 }));
    (await socket()).end(4401);
    connection.send("still here", null);
    await settle();
    expect(connection.snapshot().end).toBe("logged_out");
    expect(new Outbox("outbox").pending.map(({ command }) => command)).toMatchObject([{ text: "still here" }]);
  });
});

test("a token is renewed on the live socket before it ends", async () => {
  const line = await enter();
  line.hear({ type: "auth_expiring", expires_in: 60 });
  await settle();
  expect(line.of("auth")).toEqual([{ type: "auth", token: "fresh" }]);
});

test("a line that went silent is found within half a minute", async () => {
  const line = await enter();
  await settle(15_000);
  expect(line.of("ping")).toHaveLength(1);
  await settle(10_000);
  expect(connection.snapshot().phase).toBe("reconnecting");
});

test("somebody else's settings reach this page without what is personal", async () => {
  const line = await enter();
  line.hear({ type: "room", room: { ...room, name: "Day line" } });
  expect(connection.snapshot().room).toMatchObject({ name: "Day line", unread: 0 });
});
