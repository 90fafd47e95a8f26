import { base } from "./base";

const ADDRESS = `${base}sw.js`;
/** The first screen comes first. */
const AFTER_MS = 2_000;

interface Policy {
  createScriptURL: (url: string) => string;
}

interface TrustedTypes {
  createPolicy: (name: string, rules: { createScriptURL: () => string }) => Policy;
}

/** A page may make it once; people may log out and in again on it. */
let policy: Policy | undefined;

/**
 * Lets the UI open without a network from the next time on, where the browser can do that. Returns
 * what calls it off while it has not begun.
 */
export function keepShell(): (() => void) | undefined {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return undefined;
  const timer = setTimeout(() => {
    // A server that is away just now is asked again at the next start.
    navigator.serviceWorker.register(trusted()).catch(() => undefined);
  }, AFTER_MS);
  return () => clearTimeout(timer);
}

/**
 * The worker's address in the form that the page's policy asks for. The one policy it allows gives
 * this address whatever it is asked for, so it opens no way for another script.
 */
function trusted(): string {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  policy ??= trustedTypes?.createPolicy("anonchat-worker", { createScriptURL: () => ADDRESS });
  return policy?.createScriptURL(ADDRESS) ?? ADDRESS;
}
