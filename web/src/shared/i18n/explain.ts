import { Problem, type FailureCode } from "../api/problem";
import { t } from "./i18n";

/** What went wrong, in the person's language. */
export function explain(cause: unknown): string {
  const { code, retryAfter } = Problem.from(cause);
  return code === "rate_limited" && retryAfter !== null ? t("error.rate_limited_in", { count: retryAfter }) : explainCode(code);
}

export function explainCode(code: FailureCode): string {
  const words = t(`error.${code}`);
  // A code that is newer than this page has no sentence yet.
  return words === `error.${code}` ? t("error.unexpected") : words;
}
