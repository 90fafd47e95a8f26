import { locale } from "./i18n";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

/** So many bytes in the largest unit of which there is at least one. */
export function amountOfData(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log(bytes) / Math.log(1000)));
  const unit = UNITS[step] ?? "byte";
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 }).format(bytes / 1000 ** step);
}
