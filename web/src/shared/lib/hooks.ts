import { useEffect, useReducer, useSyncExternalStore } from "react";

const MINUTE_MS = 60_000;

/** Whether the moment `at` has come; draws again when it does. */
export function useAfter(at: number | null): boolean {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (at === null) return undefined;
    const timer = setTimeout(redraw, Math.max(0, at - Date.now()) + 1);
    return () => clearTimeout(timer);
  }, [at]);
  // eslint-disable-next-line react-hooks/purity -- the timer above draws again as soon as the answer changes
  return at !== null && at <= Date.now();
}

/** Whole seconds until `at`, counting down; 0 when it has come. */
export function useCountdown(at: number | null): number {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  // eslint-disable-next-line react-hooks/purity -- as above
  const left = at === null ? 0 : Math.max(0, Math.ceil((at - Date.now()) / 1000));
  useEffect(() => {
    if (left === 0) return undefined;
    const timer = setTimeout(redraw, 1000);
    return () => clearTimeout(timer);
  });
  return left;
}

/** The time, good to the minute; draws again with each. */
export function useMinute(): number {
  return useSyncExternalStore(watchMinutes, () => Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
}

/** Whether the page can be seen. */
export function useVisible(): boolean {
  return useSyncExternalStore(watchVisibility, () => document.visibilityState === "visible");
}

/** Whether the browser believes to have a network. */
export function useOnline(): boolean {
  return useSyncExternalStore(watchNetwork, () => navigator.onLine);
}

function watchMinutes(watcher: () => void): () => void {
  const timer = setInterval(watcher, MINUTE_MS);
  return () => clearInterval(timer);
}

function watchVisibility(watcher: () => void): () => void {
  document.addEventListener("visibilitychange", watcher);
  return () => document.removeEventListener("visibilitychange", watcher);
}

function watchNetwork(watcher: () => void): () => void {
  window.addEventListener("online", watcher);
  window.addEventListener("offline", watcher);
  return () => {
    window.removeEventListener("online", watcher);
    window.removeEventListener("offline", watcher);
  };
}
