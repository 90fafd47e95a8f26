import { useCallback, useState } from "react";

import { device } from "../../shared/lib/device";

/** What is being typed, kept on this device with every key so that a reload loses nothing. */
export function useDraft(key: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => device.get(key) ?? "");
  const keep = useCallback((typed: string) => {
    setText(typed);
    if (typed === "") device.remove(key);
    else device.set(key, typed);
  }, [key]);
  return [text, keep];
}
