import { expect, test } from "vitest";

import en from "./en.json";
import ru from "./ru.json";

interface Tree { [key: string]: string | Tree }

const PLURAL = /_(one|few|many|other)$/;

function entries(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value] as [string, string]] : entries(value, `${path}${key}.`),
  );
}

function placeholders(text: string): string[] {
  return (text.match(/\{\{\w+\}\}/g) ?? []).sort();
}

test("every language says everything", () => {
  const stems = (tree: Tree) => new Set(entries(tree).map(([key]) => key.replace(PLURAL, "")));
  expect(stems(ru)).toEqual(stems(en));
});

test.each([["en", en], ["ru", ru]] as const)("%s has each plural form its grammar asks for", (language, tree) => {
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  const keys = new Set(entries(tree).map(([key]) => key));
  const stems = [...keys].filter((key) => PLURAL.test(key)).map((key) => key.replace(PLURAL, ""));
  for (const stem of new Set(stems)) {
    for (const form of forms) expect(keys).toContain(`${stem}_${form}`);
  }
});

test("a translation carries the same values", () => {
  const english = new Map(entries(en).map(([key, text]) => [key.replace(PLURAL, ""), text]));
  for (const [key, text] of entries(ru)) {
    expect(placeholders(text), key).toEqual(placeholders(english.get(key.replace(PLURAL, "")) ?? ""));
  }
});

test("no text is left empty", () => {
  for (const [key, text] of [...entries(en), ...entries(ru)]) expect(text.trim(), key).not.toBe("");
});
