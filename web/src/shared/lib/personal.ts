import { device } from "./device";

/** Where drafts and unsent messages of one person in one room are kept on this device. */
export function personalKey(kind: "draft" | "outbox", accountId: string, roomId: string): string {
  return `anonchat.${kind}.${accountId}.${roomId}`;
}

/** Leaves nothing of what a person typed on this device; for logging out on purpose. */
export function forgetTyped(): void {
  device.removeAll("anonchat.draft.");
  device.removeAll("anonchat.outbox.");
}
