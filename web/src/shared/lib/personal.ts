import { device } from "./device";

const TYPED = ["draft", "reply", "outbox", "alias"] as const;

/** Where drafts, what they answer, unsent messages and the name of one person in one room are kept on this device. */
export function personalKey(kind: (typeof TYPED)[number], accountId: string, roomId: string): string {
  return `anonchat.${kind}.${accountId}.${roomId}`;
}

/** Keeps what a person is called in a room, so that the page can warn before it is said elsewhere. */
export function rememberAlias(accountId: string, roomId: string, name: string): void {
  device.set(personalKey("alias", accountId, roomId), name);
}

/** What a person is called in the rooms they have been in on this device, `roomId` left out. */
export function aliasesElsewhere(accountId: string, roomId: string): string[] {
  const here = personalKey("alias", accountId, roomId);
  const rooms = device.keys(`anonchat.alias.${accountId}.`).filter((key) => key !== here);
  return rooms.flatMap((key) => device.get(key) ?? []);
}

/** Leaves nothing of what a person typed or was called on this device; for logging out on purpose. */
export function forgetTyped(): void {
  for (const kind of TYPED) device.removeAll(`anonchat.${kind}.`);
}
