import { useEffect, useRef, useState, type FC } from "react";

import { useT } from "../../shared/i18n/i18n";
import type { Timeline } from "./timeline";

interface Props {
  timeline: Timeline;
  me: string | null;
}

const BURST_MS = 1_000;
const SPOKEN_SINGLY = 3;

/** Speaks new messages of others to a screen reader: never history, never one's own, bursts as a count. */
export const Announcer: FC<Props> = ({ timeline, me }) => {
  const t = useT();
  const [spoken, setSpoken] = useState("");
  const spokenTo = useRef<number | null>(null);
  const newest = useRef(timeline);
  useEffect(() => {
    newest.current = timeline;
    if (me === null) return undefined;
    spokenTo.current ??= timeline.lastSeq;
    if (timeline.lastSeq <= spokenTo.current) return undefined;
    const timer = setTimeout(() => {
      const { lines, lastSeq } = newest.current;
      const fresh = lines.filter((line) => line.seq > (spokenTo.current ?? lastSeq) && line.clientId !== me && !line.deleted);
      spokenTo.current = lastSeq;
      if (fresh.length > SPOKEN_SINGLY) setSpoken(t("chat.newCount", { count: fresh.length }));
      else if (fresh.length > 0) setSpoken(fresh.map((line) => t("chat.spoken", { name: line.clientName, text: line.text })).join("\n"));
    }, BURST_MS);
    return () => clearTimeout(timer);
  }, [timeline, me, t]);
  return <div className="visually-hidden" aria-live="polite">{spoken}</div>;
};
