import { device } from "./device";

/** What a person chose; `system` follows the device. */
export type ThemeChoice = "system" | "dark" | "light";

/** The same key and rule as `public/theme.js`, which paints the first frame. */
const KEY = "anonchat.theme";
const system = window.matchMedia("(prefers-color-scheme: light)");

export function themeChoice(): ThemeChoice {
  const kept = device.get(KEY);
  return kept === "dark" || kept === "light" ? kept : "system";
}

export function chooseTheme(choice: ThemeChoice): void {
  if (choice === "system") device.remove(KEY);
  else device.set(KEY, choice);
  paint();
}

/** Keeps the page in step with the device while it is open. */
export function followSystemTheme(): void {
  system.addEventListener("change", paint);
}

function paint(): void {
  const choice = themeChoice();
  const theme = choice === "system" ? (system.matches ? "light" : "dark") : choice;
  document.documentElement.dataset.theme = theme;
}
