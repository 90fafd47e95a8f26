import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useCallback } from "react";

import { answer, api, done, type Room } from "../../shared/api/client";
import type { components } from "../../shared/api/schema";

export type Overview = components["schemas"]["OverviewView"];
export type Account = components["schemas"]["AccountView"];
export type Registration = Overview["registration"];

const KEY = "operator";
const REFRESH_MS = 20_000;
const PAGE = 50;

/** The server at a glance, kept current while somebody looks. */
export function useOverview(): UseQueryResult<Overview> {
  return useQuery({
    queryKey: [KEY, "overview"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/admin/overview", { signal })),
    refetchInterval: REFRESH_MS,
  });
}

function pageQuery(q: string, cursor: string | null): { q?: string; cursor?: string; limit: number } {
  return { limit: PAGE, ...(q === "" ? {} : { q }), ...(cursor === null ? {} : { cursor }) };
}

const paging = {
  initialPageParam: null as string | null,
  getNextPageParam: (page: { next_cursor?: string | null }) => page.next_cursor ?? null,
};

/** Accounts whose login contains `search`. */
export function useAccounts(search: string) {
  return useInfiniteQuery({
    ...paging,
    placeholderData: keepPreviousData,
    queryKey: [KEY, "accounts", search],
    queryFn: ({ pageParam, signal }) => answer(api.GET("/api/v1/admin/accounts", { params: { query: pageQuery(search, pageParam) }, signal })),
  });
}

/** Rooms whose name contains `search`, unlisted ones, too. */
export function useServerRooms(search: string) {
  return useInfiniteQuery({
    ...paging,
    placeholderData: keepPreviousData,
    queryKey: [KEY, "rooms", search],
    queryFn: ({ pageParam, signal }) => answer(api.GET("/api/v1/admin/rooms", { params: { query: pageQuery(search, pageParam) }, signal })),
  });
}

/** Asks for everything on the operator's page again. */
export function useRefresh(): () => Promise<void> {
  const client = useQueryClient();
  return useCallback(() => client.invalidateQueries({ queryKey: [KEY] }), [client]);
}

export async function chooseRegistration(registration: Registration): Promise<void> {
  await done(api.PATCH("/api/v1/admin/settings", { body: { registration } }));
}

const of = ({ account_id }: Account) => ({ params: { path: { account_id } } });

export async function disableAccount(account: Account): Promise<void> {
  await done(api.POST("/api/v1/admin/accounts/{account_id}/disable", of(account)));
}

export async function enableAccount(account: Account): Promise<void> {
  await done(api.POST("/api/v1/admin/accounts/{account_id}/enable", of(account)));
}

export async function logOutEverywhere(account: Account): Promise<void> {
  await done(api.POST("/api/v1/admin/accounts/{account_id}/logout-all", of(account)));
}

export async function eraseAccount(account: Account): Promise<void> {
  await done(api.DELETE("/api/v1/admin/accounts/{account_id}", of(account)));
}

export async function eraseRoom({ room_id }: Room): Promise<void> {
  await done(api.DELETE("/api/v1/admin/rooms/{room_id}", { params: { path: { room_id } } }));
}
