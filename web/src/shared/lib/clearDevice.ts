import { base } from "./base";
import { device } from "./device";

const HOME = location.origin + base;
/** What the service worker's caches begin with. */
const CACHES = "anonchat-shell-";

/**
 * Leaves nothing of AnonChat in this browser: no session, draft or choice, no file kept for later.
 * What others keep who share the address stays.
 */
export async function clearDevice(): Promise<void> {
  device.removeAll("anonchat.");
  if ("serviceWorker" in navigator) {
    const workers = await navigator.serviceWorker.getRegistrations().catch(() => []);
    await Promise.all(workers.filter(({ scope }) => scope === HOME).map((worker) => worker.unregister()));
  }
  if ("caches" in window) {
    const names = await caches.keys().catch(() => []);
    await Promise.all(names.filter((name) => name.startsWith(CACHES)).map((name) => caches.delete(name)));
  }
}
