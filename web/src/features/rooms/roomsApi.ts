import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient, type InfiniteData, type QueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";

import { answer, api, done, type Room, type Visibility } from "../../shared/api/client";

export interface RoomSettings {
  name: string;
  max_user: number;
  visibility: Visibility;
  retention_in: number | null;
}

interface RoomPage {
  rooms: Room[];
  next_cursor?: string | null;
}

const MINE = ["rooms", "mine"];
const PUBLIC = ["rooms", "public"];
const REFRESH_MS = 20_000;
/** Nobody looks; only the tab's sign changes. */
const HIDDEN_REFRESH_MS = 60_000;
const DOOR_REFRESH_MS = 5_000;
const PAGE = 50;

const roomKey = (roomId: string): string[] => ["room", roomId];

function listRooms(scope: "mine" | "public", q: string, cursor: string | null, signal: AbortSignal): Promise<RoomPage> {
  const query = { scope, limit: PAGE, ...(q === "" ? {} : { q }), ...(cursor === null ? {} : { cursor }) };
  return answer(api.GET("/api/v1/rooms", { params: { query }, signal }));
}

/** The rooms this person is in, with what they have not read yet. */
export function useMyRooms() {
  return useInfiniteQuery({
    queryKey: MINE,
    queryFn: ({ pageParam, signal }) => listRooms("mine", "", pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    refetchInterval: () => (document.visibilityState === "visible" ? REFRESH_MS : HIDDEN_REFRESH_MS),
    refetchIntervalInBackground: true,
  });
}

/** The same in one list; further pages are loaded as long as there are any. */
export function useAllMyRooms(): Room[] {
  const { data, hasNextPage, isFetching, fetchNextPage } = useMyRooms();
  useEffect(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  return data?.pages.flatMap((page) => page.rooms) ?? [];
}

/** The rooms that everybody on this server may find. */
export function usePublicRooms(search: string) {
  return useInfiniteQuery({
    queryKey: [...PUBLIC, search],
    queryFn: ({ pageParam, signal }) => listRooms("public", search, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    placeholderData: keepPreviousData,
  });
}

/** What a room is like; kept current for whoever stands at its door. */
export function useRoomInfo(roomId: string) {
  return useQuery({
    queryKey: roomKey(roomId),
    queryFn: ({ signal }) => answer(api.GET("/api/v1/rooms/{room_id}", { params: { path: { room_id: roomId } }, signal })),
    refetchInterval: ({ state }) => (state.data && state.data.joined !== true ? DOOR_REFRESH_MS : false),
  });
}

export function createRoom(body: RoomSettings): Promise<Room> {
  return answer(api.POST("/api/v1/rooms/create", { body }));
}

export function changeRoom(roomId: string, body: RoomSettings): Promise<Room> {
  return answer(api.PATCH("/api/v1/rooms/{room_id}", { params: { path: { room_id: roomId } }, body }));
}

export async function leaveRoom(roomId: string): Promise<void> {
  await done(api.POST("/api/v1/rooms/{room_id}/leave", { params: { path: { room_id: roomId } } }));
}

export async function deleteRoom(roomId: string): Promise<void> {
  await done(api.DELETE("/api/v1/rooms/remove", { body: { room_id: roomId } }));
}

/** What to do with the cached lists when a room is known to have changed. */
export function useRoomCache() {
  const client = useQueryClient();
  const refresh = useCallback(() => client.invalidateQueries({ queryKey: MINE }), [client]);
  const remember = useCallback((room: Room) => {
    client.setQueryData(roomKey(room.room_id), room);
    if (!patchMine(client, room)) void client.invalidateQueries({ queryKey: MINE });
  }, [client]);
  const forget = useCallback((roomId: string) => {
    client.removeQueries({ queryKey: roomKey(roomId) });
    client.setQueryData<InfiniteData<RoomPage>>(MINE, (data) => mapRooms(data, (room) => (room.room_id === roomId ? [] : [room])));
    void client.invalidateQueries({ queryKey: ["rooms"] });
  }, [client]);
  return { refresh, remember, forget };
}

/** Puts a changed room into the list; false when it is not on it. */
function patchMine(client: QueryClient, changed: Room): boolean {
  let found = false;
  client.setQueryData<InfiniteData<RoomPage>>(MINE, (data) =>
    mapRooms(data, (room) => {
      if (room.room_id !== changed.room_id) return [room];
      found = true;
      return [{ ...room, ...changed }];
    }),
  );
  return found;
}

function mapRooms(data: InfiniteData<RoomPage> | undefined, change: (room: Room) => Room[]): InfiniteData<RoomPage> | undefined {
  return data && { ...data, pages: data.pages.map((page) => ({ ...page, rooms: page.rooms.flatMap(change) })) };
}
