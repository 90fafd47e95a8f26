const ADDRESS = "/sw.js";
/** The first screen comes first. */
const AFTER_MS = 2_000;

interface TrustedTypes {
  createPolicy: (name: string, rules: { createScriptURL: () => string }) => { createScriptURL: (url: string) => string };
}

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
  return trustedTypes?.createPolicy("anonchat-worker", { createScriptURL: () => ADDRESS }).createScriptURL(ADDRESS) ?? ADDRESS;
}
