import { device } from "./device";

const KEY = "anonchat.enter";

/** Whether Enter begins a new line on this device, so that only Ctrl or ⌘ with it sends. */
export function enterBeginsLine(): boolean {
  return device.get(KEY) === "line";
}

export function chooseEnter(beginsLine: boolean): void {
  if (beginsLine) device.set(KEY, "line");
  else device.remove(KEY);
}
