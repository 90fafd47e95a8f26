// Builds in memory and adds up what a first visit downloads: scripts and styles, compressed by
// brotli as the server does. Fails when a page is over the budget.
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "vite";

const BUDGET_KIB = 120;

/** The larger of the two catalogues; a visit needs one. */
const CATALOGUE = "ru";

/** The chunks of which each kind of first visit consists, besides the entry and the catalogue. */
const VISITS = {
  "front page": ["FrontPage"],
  "registering": ["RegisterPage"],
  "rooms": ["Shell", "RoomsPage"],
  "a room by its link": ["Shell", "RoomScreen"],
};

const { output } = await build({ logLevel: "silent", build: { write: false } });
const chunks = new Map(output.filter((file) => file.type === "chunk").map((chunk) => [chunk.fileName, chunk]));
const assets = new Map(output.filter((file) => file.type === "asset").map((asset) => [asset.fileName, asset.source]));

/** Adds a chunk, what it imports at once and its styles. */
function collect(fileName, files) {
  const chunk = chunks.get(fileName);
  if (files.has(fileName) || !chunk) return;
  files.set(fileName, chunk.code);
  for (const style of chunk.viteMetadata?.importedCss ?? []) files.set(style, assets.get(style) ?? "");
  for (const imported of chunk.imports) collect(imported, files);
}

function compressed(source) {
  const options = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  return brotliCompressSync(source, options).length;
}

let over = false;
for (const [visit, pages] of Object.entries(VISITS)) {
  const names = [CATALOGUE, ...pages];
  const files = new Map();
  for (const chunk of chunks.values()) {
    if (chunk.isEntry || names.includes(chunk.name)) collect(chunk.fileName, files);
  }
  const missing = names.filter((name) => ![...chunks.values()].some((chunk) => chunk.name === name));
  if (missing.length > 0) throw new Error(`no chunk is called ${missing.join(", ")}`);
  const kib = [...files.values()].reduce((sum, source) => sum + compressed(source), 0) / 1024;
  over ||= kib > BUDGET_KIB;
  console.log(`${kib.toFixed(1).padStart(6)} KiB of ${BUDGET_KIB}  ${visit} (${files.size} files)`);
}
process.exitCode = over ? 1 : 0;
