import { describe, expect, test } from "vitest";

import en from "./en.json";
import enPages from "./enPages.json";
import ru from "./ru.json";
import ruPages from "./ruPages.json";

/** Compiled messages: texts, `[name]` for a value, `[name, "plural", forms]`. */
type Message = string | readonly Token[];
type Token = string | readonly [string] | readonly [string, "plural", Readonly<Record<string, Message>>];
type Catalogue = Readonly<Record<string, Message>>;

const catalogues = { en: { ...en, ...enPages }, ru: { ...ru, ...ruPages } } as unknown as Readonly<Record<string, Catalogue>>;

/** Other keys are numbers that have words of their own. */
function isCategory(form: string): boolean {
  return Number.isNaN(Number(form));
}

function tokens(message: Message): readonly Token[] {
  return typeof message === "string" ? [message] : message;
}

function values(message: Message): string[] {
  return tokens(message).flatMap((token): string[] => {
    if (typeof token === "string") return [];
    return token.length === 1 ? [token[0]] : [token[0], ...Object.values(token[2]).flatMap(values)];
  });
}

test("every language says everything", () => {
  expect(Object.keys(catalogues.ru ?? {})).toEqual(Object.keys(catalogues.en ?? {}));
});

describe.each(Object.keys(catalogues))("%s", (language) => {
  const messages = Object.entries(catalogues[language] ?? {});

  test("has each plural form its grammar asks for", () => {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    const plurals = messages.flatMap(([, message]) => tokens(message)).filter((token) => Array.isArray(token) && token[1] === "plural");
    expect(plurals.length).toBeGreaterThan(0);
    for (const plural of plurals) expect(Object.keys(plural[2] as object).filter(isCategory).sort()).toEqual([...pluralCategories].sort());
  });

  test("carries the same values as English", () => {
    for (const [key, message] of messages) {
      expect(new Set(values(message)), key).toEqual(new Set(values(catalogues.en?.[key] ?? "")));
    }
  });

  test("leaves no text empty", () => {
    for (const [key, message] of messages) expect(tokens(message).some((token) => typeof token !== "string" || token.trim() !== ""), key).toBe(true);
  });
});
