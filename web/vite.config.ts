import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { catalogues } from "./scripts/catalogues.ts";
import { shellWorker } from "./scripts/shellWorker.ts";

const SERVER = "http://127.0.0.1:8080";

export default defineConfig({
  // Relative, because a proxy may show the server under a path; the server writes which into the page.
  base: "./",
  plugins: [catalogues(), react(), shellWorker()],
  build: {
    outDir: "../web-dist",
    emptyOutDir: true,
    // The page's policy forbids inline code and data: URLs, so nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What several pages need is one file: it compresses better than a dozen small ones.
          // Dialogs, menus and their library come after the first screen.
          groups: [{ name: "common", test: /(?:src\/shared\/(?!i18n\/\w+\.json|ui\/(Dialog|Menu|AppearanceDialog|Field))|src\/features\/rooms\/(?:roomsApi|UnreadCount|RoomList)|@tanstack|lucide)/, minShareCount: 2 }],
        },
      },
    },
  },
  server: {
    port: 3000,
    strictPort: true,
    proxy: { "/api": { target: SERVER, ws: true } },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.mjs"],
    setupFiles: "src/test/setup.ts",
    css: { include: /tokens\.css/, modules: { classNameStrategy: "non-scoped" } },
  },
});
