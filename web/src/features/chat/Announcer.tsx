import { useEffect, useRef, useState, type FC } from "react";

import { explainCode } from "../../shared/i18n/explain";
import { useT } from "../../shared/i18n/i18n";
import { TITLES } from "./Failure";
import type { Pending } from "./Outbox";
import type { Line } from "./timeline";

interface Props {
  /** Messages of others that came in while the page was open, oldest first. */
  heard: readonly Line[];
  pending: readonly Pending[];
}

const BURST_MS = 1_000;
const SPOKEN_SINGLY = 3;

/**
 * Speaks new messages of others to a screen reader, never history and never one's own; what comes
 * within a second is spoken as one, and a burst as a count. Failures are spoken once each.
 */
export const Announcer: FC<Props> = ({ heard, pending }) => (
  <>
    <div className="visually-hidden" aria-live="polite">{useSpoken(heard)}</div>
    <div className="visually-hidden" role="alert">{useFailure(pending)}</div>
  </>
);

function useSpoken(heard: readonly Line[]): string {
  const t = useT();
  const [spoken, setSpoken] = useState("");
  const spokenTo = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const newest = useRef(heard);
  useEffect(() => {
    newest.current = heard;
    if (timer.current !== undefined || (heard.at(-1)?.seq ?? 0) <= spokenTo.current) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      const fresh = newest.current.filter(({ seq }) => seq > spokenTo.current);
      spokenTo.current = newest.current.at(-1)?.seq ?? 0;
      const words = fresh.map((line) => t("chat.spoken", { name: line.clientName, text: line.text })).join("\n");
      setSpoken(fresh.length > SPOKEN_SINGLY ? t("chat.newCount", { count: fresh.length }) : words);
    }, BURST_MS);
  }, [heard, t]);
  useEffect(() => () => {
    clearTimeout(timer.current);
    timer.current = undefined;
  }, []);
  return spoken;
}

/** The failure that came last, in words. */
function useFailure(pending: readonly Pending[]): string {
  const failed = pending.findLast(({ failure }) => failure !== null);
  const t = useT();
  return failed?.failure ? `${t(TITLES[failed.command.kind])} ${explainCode(failed.failure)}` : "";
}
