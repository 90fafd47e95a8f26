import { lazy, Suspense, type ComponentType, type FC } from "react";

const IDLE_AFTER_MS = 2_000;

/**
 * A component whose code comes after the first screen: as soon as the browser has time for it, so
 * that it is there before the network goes away, or at the latest when it is first drawn.
 */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): FC<Props> {
  let loading: Promise<{ default: ComponentType<Props> }> | null = null;
  const once = (): Promise<{ default: ComponentType<Props> }> => {
    loading ??= load().then(
      (component) => ({ default: component }),
      (cause: unknown) => {
        // Offline just now; the next one who asks tries again.
        loading = null;
        throw cause;
      },
    );
    return loading;
  };
  setTimeout(() => void once().catch(() => undefined), IDLE_AFTER_MS);
  const Lazy = lazy(once) as unknown as ComponentType<Props>;
  return function Later(props) {
    return <Suspense fallback={null}><Lazy {...props} /></Suspense>;
  };
}
