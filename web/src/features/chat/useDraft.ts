import { useCallback, useState } from "react";

import { device } from "../../shared/lib/device";

/**
 * What is being typed, kept on this device with every key so that a reload loses nothing. It begins
 * with `original`, which is not kept.
 */
export function useDraft(key: string, original = ""): [string, (text: string) => void] {
  const [text, setText] = useState(() => device.get(key) ?? original);
  const keep = useCallback((typed: string) => {
    setText(typed);
    if (typed === original) device.remove(key);
    else device.set(key, typed);
  }, [key, original]);
  return [text, keep];
}
