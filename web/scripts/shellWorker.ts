import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const ROOT = join(import.meta.dirname, "..");

/** Writes the service worker, which has to know every file of this build. */
export function shellWorker(): Plugin {
  return {
    name: "shell-worker",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const source = readFileSync(join(ROOT, "worker/sw.js"), "utf8");
        const built = Object.keys(bundle).filter((name) => name.startsWith("assets/"));
        const constant = readdirSync(join(ROOT, "public"));
        const files = ["./", ...[...built, ...constant].sort()];
        // Names of built files change with their content; those of the others do not.
        const hash = createHash("sha256").update(source).update(files.join("\n"));
        for (const name of constant.sort()) hash.update(readFileSync(join(ROOT, "public", name)));
        hash.update(readFileSync(join(ROOT, "index.html")));
        const head = `const VERSION = "${hash.digest("hex").slice(0, 16)}";\nconst FILES = ${JSON.stringify(files, null, 1)};\n`;
        this.emitFile({ type: "asset", fileName: "sw.js", source: head + source });
      },
    },
  };
}
