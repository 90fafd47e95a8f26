import { setupI18n } from "@lingui/core";
import { useSyncExternalStore } from "react";

import { device } from "../lib/device";
import type en from "./en.json";
import type enPages from "./enPages.json";

/** Another language is another catalogue here; its name is written in itself. */
export const LANGUAGES = { en: "English", ru: "Русский" } as const;
export type Language = keyof typeof LANGUAGES;

/** The build turns each catalogue into compiled ICU messages by dotted key. */
const catalogues: Readonly<Record<Language, () => Promise<{ default: object }>>> = {
  en: () => import("./en.json"),
  ru: () => import("./ru.json"),
};

/** The same of pages that few open; loaded with the first of them. */
const pageCatalogues: typeof catalogues = {
  en: () => import("./enPages.json"),
  ru: () => import("./ruPages.json"),
};

type Keys<Tree> = { [Key in keyof Tree & string]: Tree[Key] extends string ? Key : `${Key}.${Keys<Tree[Key]>}` }[keyof Tree & string];
export type MessageKey = Keys<typeof en> | Keys<typeof enPages>;

const KEY = "anonchat.language";

const i18n = setupI18n();
let withPages = false;

/** The sentence for `key` in the language of the page. */
export function t(key: MessageKey, values?: Readonly<Record<string, string | number>>): string {
  return i18n._(key, values);
}

/** Loads the kept language, or the browser's first that has a catalogue. */
export function startI18n(): Promise<void> {
  return activate(chosenLanguage());
}

/** Must have come before a page draws whose words are not in the first catalogue. */
export async function loadPageWords(): Promise<void> {
  withPages = true;
  await activate(i18n.locale as Language);
}

export function chooseLanguage(language: Language): Promise<void> {
  device.set(KEY, language);
  return activate(language);
}

/** The same as [`t`], for a component, which is drawn again when the language changes. */
export function useT(): typeof t {
  useLanguage();
  return t;
}

export function useLanguage(): Language {
  return useSyncExternalStore(watchLanguage, () => i18n.locale as Language);
}

/** The locale for dates and numbers: the browser's own variety of the language, where it has one. */
export function locale(): string {
  return navigator.languages.find((tag) => tag.split("-")[0] === i18n.locale) ?? i18n.locale;
}

async function activate(language: Language): Promise<void> {
  const loads = withPages ? [catalogues[language](), pageCatalogues[language]()] : [catalogues[language]()];
  for (const { default: messages } of await Promise.all(loads)) i18n.load(language, messages as Parameters<typeof i18n.load>[1] & object);
  i18n.activate(language);
  document.documentElement.lang = language;
}

function chosenLanguage(): Language {
  const wanted = [device.get(KEY), ...navigator.languages].map((tag) => tag?.split("-")[0]);
  return wanted.find(isLanguage) ?? "en";
}

function isLanguage(tag: string | undefined): tag is Language {
  return tag !== undefined && Object.hasOwn(LANGUAGES, tag);
}

function watchLanguage(watcher: () => void): () => void {
  return i18n.on("change", watcher);
}
