import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";

import { judge, weigh } from "./visits.mjs";

/** A script that no compression makes smaller than this. */
const noise = (kib) => randomBytes(kib * 1024).toString("latin1");

function chunk(name, kib, more = {}) {
  return { type: "chunk", fileName: `${name}.js`, name, code: noise(kib), imports: [], isEntry: false, ...more };
}

const entry = chunk("index", 20, { isEntry: true, imports: ["common.js"], viteMetadata: { importedCss: new Set(["index.css"]) } });
const output = [
  entry,
  chunk("common", 20),
  chunk("Front", 30, { imports: ["common.js"] }),
  chunk("Room", 90),
  chunk("Elsewhere", 500),
  { type: "asset", fileName: "index.css", source: noise(10) },
];

test("a visit weighs its chunk, the entry, what both import and their styles, each once", () => {
  const [front] = weigh(output, { front: ["Front"] });
  expect(front.files).toBe(4);
  // Latin-1 noise is somewhat larger in UTF-8 and compresses back to about its size.
  expect(front.kib).toBeGreaterThan(80);
});

test("the check fails as soon as one visit is over the budget", () => {
  const weights = weigh(output, { front: ["Front"], room: ["Room"] });
  const heaviest = Math.max(...weights.map(({ kib }) => kib));
  expect(judge(weights, heaviest).over).toBe(false);
  expect(judge(weights, heaviest - 0.1).over).toBe(true);
  expect(judge(weights, 120).lines).toHaveLength(2);
});

test("a chunk that was renamed is noticed", () => {
  expect(() => weigh(output, { front: ["Fornt"] })).toThrow("no chunk is called Fornt");
});
