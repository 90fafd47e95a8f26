import type { Room } from "../../shared/api/client";

/** Rooms whose names contain every word of `wanted`, in the order they came. */
export function roomsCalled(rooms: readonly Room[], wanted: string): Room[] {
  const words = wanted.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return rooms.filter(({ name }) => words.every((word) => name.toLocaleLowerCase().includes(word)));
}

/** The room before or after `here` in the list, from its ends to the other; from nowhere the first or last. */
export function neighbour(rooms: readonly Room[], here: string | null, step: 1 | -1, unreadOnly: boolean): Room | null {
  const start = rooms.findIndex((room) => room.room_id === here);
  const from = start < 0 && step < 0 ? rooms.length : start;
  for (let distance = 1; distance <= rooms.length; distance += 1) {
    const room = rooms[(from + step * distance + rooms.length * 2) % rooms.length];
    if (room && room.room_id !== here && (!unreadOnly || (room.unread ?? 0) > 0)) return room;
  }
  return null;
}

export function unreadIn(rooms: readonly Room[]): number {
  return rooms.reduce((sum, room) => sum + (room.unread ?? 0), 0);
}
