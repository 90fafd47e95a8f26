// Draws public/icon-*.png and the icon with a dot from public/icon.svg. `npm run icons`, after it changed.
import { chromium } from "@playwright/test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "../public");
const DOT = '  <circle cx="50" cy="14" r="12" fill="#f2968a" stroke="#131110" stroke-width="3"/>\n';

const svg = readFileSync(join(FOLDER, "icon.svg"), "utf8");
writeFileSync(join(FOLDER, "icon-unread.svg"), svg.replace("</svg>", `${DOT}</svg>`));

// Platforms that cut a shape of their own want the ground up to the edge.
const square = svg.replace(/ rx="15"/, "");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const [name, size, drawing] of [["icon-192", 192, svg], ["icon-512", 512, svg], ["icon-maskable-512", 512, square]]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body{margin:0;background:transparent}svg{display:block;width:100vw;height:100vh}</style>${drawing}`);
  await page.screenshot({ path: join(FOLDER, `${name}.png`), omitBackground: true });
  await page.close();
}
await browser.close();
