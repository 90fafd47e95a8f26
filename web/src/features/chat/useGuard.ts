import { useEffect, useState } from "react";

import { useMe } from "../../shared/api/useSession";
import { aliasesElsewhere } from "../../shared/lib/personal";
import type { Finding } from "./guards";

interface Guard {
  /** What the text that was to be sent gives away; null unless it waits for a second word. */
  findings: readonly Finding[] | null;
  /**
   * Whether the text may go: nothing was found in it, or this is the second time it is asked for.
   * While the guards are on their way it may not; `again` is called as soon as they are there.
   */
  passes: (text: string, again: () => void) => boolean;
  forget: () => void;
}

type FindingsIn = typeof import("./guards").findingsIn;

/** The guards' code comes after the first screen; where it cannot be had nothing is held back. */
let findingsIn: FindingsIn | null = null;

async function loadGuards(): Promise<void> {
  findingsIn ??= await import("./guards").then((guards) => guards.findingsIn, () => () => []);
}

/** Holds a message back once when it says who wrote it. */
export function useGuard(text: string, accountId: string, roomId: string): Guard {
  const me = useMe().data;
  const [held, setHeld] = useState<{ text: string; findings: readonly Finding[] } | null>(null);
  useEffect(() => void loadGuards(), []);
  const passes = (asked: string, again: () => void): boolean => {
    if (findingsIn === null) {
      void loadGuards().then(again);
      return false;
    }
    const secrets = { login: me?.login ?? null, email: me?.email ?? null, handles: aliasesElsewhere(accountId, roomId) };
    const findings = held?.text === asked ? [] : findingsIn(asked, secrets);
    setHeld(findings.length === 0 ? null : { text: asked, findings });
    return findings.length === 0;
  };
  // Whoever changes the text has read the warning.
  return { findings: held?.text === text ? held.findings : null, passes, forget: () => setHeld(null) };
}
