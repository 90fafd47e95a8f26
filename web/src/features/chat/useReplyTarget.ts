import { useCallback, useState } from "react";

import { device } from "../../shared/lib/device";

/** The place of the message that the draft answers, kept with the draft over a reload; its words are not. */
export function useReplyTarget(key: string): [number | null, (seq: number | null) => void] {
  const [seq, setSeq] = useState(() => kept(key));
  const keep = useCallback((chosen: number | null) => {
    setSeq(chosen);
    if (chosen === null) device.remove(key);
    else device.set(key, String(chosen));
  }, [key]);
  return [seq, keep];
}

function kept(key: string): number | null {
  const seq = Number(device.get(key) ?? NaN);
  return Number.isSafeInteger(seq) && seq > 0 ? seq : null;
}
