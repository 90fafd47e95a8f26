import i18next from "i18next";

import { Problem, type FailureCode } from "../api/problem";

/** What went wrong, in the person's language. */
export function explain(cause: unknown): string {
  const { code, retryAfter } = Problem.from(cause);
  if (code === "rate_limited" && retryAfter !== null) {
    return i18next.t("error.rate_limited_in", { count: retryAfter });
  }
  return explainCode(code);
}

/** A code this page does not know yet reads like an unexpected answer. */
export function explainCode(code: FailureCode): string {
  return i18next.t([`error.${code}`, "error.unexpected"]);
}
