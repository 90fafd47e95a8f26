import { brotliCompressSync, constants } from "node:zlib";

/**
 * How much each kind of first visit downloads: scripts and styles of the entry and of the named
 * chunks, compressed by brotli as the server does. `output` is what the build wrote.
 */
export function weigh(output, visits) {
  const chunks = new Map(output.filter((file) => file.type === "chunk").map((chunk) => [chunk.fileName, chunk]));
  const styles = new Map(output.filter((file) => file.type === "asset").map((asset) => [asset.fileName, asset.source]));
  return Object.entries(visits).map(([visit, names]) => {
    const missing = names.filter((name) => ![...chunks.values()].some((chunk) => chunk.name === name));
    if (missing.length > 0) throw new Error(`no chunk is called ${missing.join(", ")}`);
    const files = new Map();
    for (const chunk of chunks.values()) {
      if (chunk.isEntry || names.includes(chunk.name)) collect(chunk.fileName, chunks, styles, files);
    }
    return { visit, files: files.size, kib: [...files.values()].reduce((sum, source) => sum + compressed(source), 0) / 1024 };
  });
}

/** One line for each visit, and whether any is over the budget. */
export function judge(weights, budgetKib) {
  return {
    lines: weights.map(({ visit, files, kib }) => `${kib.toFixed(1).padStart(6)} KiB of ${budgetKib}  ${visit} (${files} files)`),
    over: weights.some(({ kib }) => kib > budgetKib),
  };
}

/** Adds a chunk, what it imports at once and its styles. */
function collect(fileName, chunks, styles, files) {
  const chunk = chunks.get(fileName);
  if (files.has(fileName) || !chunk) return;
  files.set(fileName, chunk.code);
  for (const style of chunk.viteMetadata?.importedCss ?? []) files.set(style, styles.get(style) ?? "");
  for (const imported of chunk.imports) collect(imported, chunks, styles, files);
}

function compressed(source) {
  const options = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  return brotliCompressSync(source, options).length;
}
