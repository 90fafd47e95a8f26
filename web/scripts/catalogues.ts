import { compileMessageOrThrow } from "@lingui/message-utils/compileMessage";
import { readFile } from "node:fs/promises";
import type { Plugin } from "vite";

interface Tree {
  [key: string]: string | Tree;
}

/** Compiles the ICU messages of the catalogues, so that no parser is sent to the browser. */
export function catalogues(): Plugin {
  return {
    name: "catalogues",
    enforce: "pre",
    async load(id) {
      if (!/\/i18n\/\w+\.json$/.test(id)) return null;
      const tree = JSON.parse(await readFile(id, "utf8")) as Tree;
      return JSON.stringify(Object.fromEntries(flattened(tree).map(([key, text]) => [key, compileMessageOrThrow(text)])));
    },
  };
}

function flattened(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[path + key, value]] : flattened(value, `${path}${key}.`),
  );
}
