import { base } from "./base";

const CROCKFORD = /^[0-9A-HJKMNP-TV-Z]{16}$/;

/** The canonical form of a room id, or null: case and hyphens do not matter, o is 0, i and l are 1. */
export function parseRoomId(raw: string): string | null {
  const id = raw.trim().replaceAll("-", "").toUpperCase().replaceAll("O", "0").replace(/[IL]/g, "1");
  return CROCKFORD.test(id) ? id : null;
}

/** The room id in what a person pasted: an id or a link to a room of any address. */
export function roomIdIn(pasted: string): string | null {
  const link = /\/r\/([^/?#\s]+)/.exec(pasted);
  return parseRoomId(link?.[1] ?? pasted);
}

/** Where the room is inside of the UI. */
export function roomPath(roomId: string): string {
  return `/r/${roomId}`;
}

/** What leads to the room from anywhere. */
export function roomLink(roomId: string): string {
  return new URL(`.${roomPath(roomId)}`, location.origin + base).href;
}
