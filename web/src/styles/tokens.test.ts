import { describe, expect, test } from "vitest";

import source from "./tokens.css?raw";

function colours(block: string): Map<string, string> {
  return new Map([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = "", value = ""]) => [name, value]));
}

const [darkBlock = "", lightBlock = ""] = source.split(':root[data-theme="light"]');
const dark = colours(darkBlock);
/** What light does not say is as in dark. */
const light = new Map([...dark, ...colours(lightBlock)]);

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const part = parseInt(colour.slice(start, start + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

const GROUNDS = ["color-page", "color-surface", "color-raised", "color-hover", "color-own", "color-highlight"];
const ALIASES = Array.from({ length: 8 }, (_, ink) => `alias-${ink}`);

/** Which text stands on which grounds. */
const TEXTS: readonly [string, readonly string[]][] = [
  ["color-text", [...GROUNDS, "color-accent-soft", "color-danger-soft", "color-notice-soft"]],
  ["color-text-quiet", GROUNDS],
  ["color-accent", [...GROUNDS, "color-accent-soft"]],
  ["color-accent-hover", GROUNDS],
  ["color-danger", ["color-page", "color-surface", "color-raised", "color-hover", "color-danger-soft"]],
  ["color-notice", ["color-page", "color-surface", "color-notice-soft"]],
  ["color-on-accent", ["color-accent", "color-accent-hover"]],
  ["color-on-danger", ["color-danger-strong", "color-danger-strong-hover"]],
  ...ALIASES.map((alias): [string, readonly string[]] => [alias, ["color-page", "color-surface", "color-hover", "color-highlight"]]),
];

describe.each([["dark", dark], ["light", light]])("%s", (_theme, tokens) => {
  const value = (name: string): string => tokens.get(name) ?? expect.fail(`there is no ${name}`);

  test.each(TEXTS)("%s can be read wherever it stands", (text, grounds) => {
    for (const ground of grounds) expect(contrast(value(text), value(ground)), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });

  test("the edge of a field and the focus can be seen", () => {
    for (const edge of ["color-control-line", "color-accent"]) {
      for (const ground of ["color-page", "color-surface"]) {
        expect(contrast(value(edge), value(ground)), `${edge} on ${ground}`).toBeGreaterThanOrEqual(3);
      }
    }
  });
});

test("both themes have the same colours, and a test knows each that is text", () => {
  const plain = (tokens: Map<string, string>): string[] => [...tokens.keys()].sort();
  expect(plain(colours(lightBlock)).concat("color-on-danger").sort()).toEqual(plain(dark));
});
