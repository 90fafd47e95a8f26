import i18next, { type TFunction } from "i18next";
import { useSyncExternalStore } from "react";

import { device } from "../lib/device";
import en from "./en.json";
import ru from "./ru.json";

/** Another language is another catalogue here; its name is written in itself. */
export const LANGUAGES = { en: "English", ru: "Русский" } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = "anonchat.language";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
    enableSelector: false;
  }
}

/** Chooses the kept language, or the browser's first that has a catalogue. */
export function startI18n(): void {
  void i18next.init({
    lng: chosenLanguage(),
    fallbackLng: "en",
    resources: { en: { translation: en }, ru: { translation: ru } },
    // React writes text nodes, so nothing needs escaping.
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  document.documentElement.lang = i18next.language;
}

export function chooseLanguage(language: Language): void {
  device.set(KEY, language);
  void i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** The catalogue's lookup; the component is drawn again when the language changes. */
export function useT(): TFunction {
  useLanguage();
  return i18next.t;
}

export function useLanguage(): Language {
  return useSyncExternalStore(watchLanguage, () => i18next.language as Language);
}

/** The locale for dates and numbers: the browser's own variety of the language, where it has one. */
export function locale(): string {
  const { language } = i18next;
  return navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;
}

function chosenLanguage(): Language {
  const wanted = [device.get(KEY), ...navigator.languages].map((tag) => tag?.split("-")[0]);
  return wanted.find(isLanguage) ?? "en";
}

function isLanguage(tag: string | undefined): tag is Language {
  return tag !== undefined && Object.hasOwn(LANGUAGES, tag);
}

function watchLanguage(watcher: () => void): () => void {
  i18next.on("languageChanged", watcher);
  return () => i18next.off("languageChanged", watcher);
}
