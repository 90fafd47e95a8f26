import { device } from "./device";

/** Leaves nothing of AnonChat in this browser: no session, draft or choice, no file kept for later. */
export async function clearDevice(): Promise<void> {
  device.removeAll("anonchat.");
  if ("serviceWorker" in navigator) {
    const workers = await navigator.serviceWorker.getRegistrations().catch(() => []);
    await Promise.all(workers.map((worker) => worker.unregister()));
  }
  if ("caches" in window) {
    const names = await caches.keys().catch(() => []);
    await Promise.all(names.map((name) => caches.delete(name)));
  }
}
