import { expect, test } from "vitest";

import { Outbox, type Command } from "./Outbox";

/** The server reads exactly these, which its own tests insist on. */
const fixtures = import.meta.glob<object>("../../../../tests/fixtures/protocol/client/*.json", { eager: true, import: "default" });

function fixture(name: string): object {
  const found = Object.entries(fixtures).find(([path]) => path.endsWith(`/${name}.json`));
  if (!found) throw new Error(`there is no fixture ${name}`);
  return found[1];
}

function written(command: Command): unknown {
  const outbox = new Outbox("outbox");
  const frames: unknown[] = [];
  outbox.add(command);
  outbox.flush((frame) => frames.push(frame) > 0);
  return frames[0];
}

test("commands are written as the server reads them", () => {
  expect(written({ kind: "send", id: "6f1c4a52-1f0e-4a63-9a53-0d8d4f7c1b11", text: "Привет!\n\tHow are you? 👋", replyTo: null, madeAt: 0 }))
    .toEqual(fixture("send"));
  localStorage.clear();
  expect(written({ kind: "send", id: "7", text: "fine", replyTo: 3, madeAt: 0 })).toEqual(fixture("send_reply"));
  localStorage.clear();
  expect(written({ kind: "edit", id: "8", target: 3, text: "How do you do?", madeAt: 0 })).toEqual(fixture("edit"));
  localStorage.clear();
  expect(written({ kind: "delete", id: "9", target: 3, madeAt: 0 })).toEqual(fixture("delete"));
});

test("two equal texts are told apart by their order", () => {
  const outbox = new Outbox("outbox");
  for (const id of ["a", "b"]) outbox.add({ kind: "send", id, text: "yes", replyTo: null, madeAt: 0 });
  outbox.flush(() => true);
  outbox.recognise(5, "yes");
  outbox.recognise(6, "yes");
  expect(outbox.pending.map(({ echo }) => echo)).toEqual([5, 6]);
});

test("what was kept and cannot be read is nothing", () => {
  localStorage.setItem("outbox.1", "{broken");
  localStorage.setItem("outbox.2", "7");
  expect(new Outbox("outbox").pending).toEqual([]);
});

test("two tabs keep what waits in each, and a reload finds all of it in order", () => {
  const [here, there] = [new Outbox("outbox"), new Outbox("outbox")];
  here.add({ kind: "send", id: "a", text: "first", replyTo: null, madeAt: 1 });
  there.add({ kind: "send", id: "b", text: "second", replyTo: null, madeAt: 2 });
  expect(new Outbox("outbox").pending.map(({ command }) => command.id)).toEqual(["a", "b"]);
  there.acknowledge("b", 1, 1);
  expect(new Outbox("outbox").pending.map(({ command }) => command.id)).toEqual(["a"]);
});
