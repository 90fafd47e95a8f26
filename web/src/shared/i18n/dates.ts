import { locale } from "./i18n";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${kind} ${locale()}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale(), options);
    formats.set(key, found);
  }
  return found;
}

/** Hours and minutes, by 12 or 24 as the locale has it. */
export function timeOfDay(at: number): string {
  return format("time", { hour: "numeric", minute: "2-digit" }).format(at);
}

/** The day with its weekday; the year only when it is not this one. */
export function dayName(at: number, now = Date.now()): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return sameYear
    ? format("day", { weekday: "long", day: "numeric", month: "long" }).format(at)
    : format("dayYear", { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(at);
}

export function fullDate(at: number): string {
  return format("full", { dateStyle: "full", timeStyle: "short" }).format(at);
}

export function shortDate(at: number): string {
  return format("short", { dateStyle: "medium", timeStyle: "short" }).format(at);
}

/** The day alone, as the server counts days. */
export function dayOf(at: number): string {
  return format("dayOf", { dateStyle: "medium", timeZone: "UTC" }).format(at);
}

/** Equal for two times on the same day of this device's calendar. */
export function dayKey(at: number): string {
  return new Date(at).toDateString();
}
