import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { answer, api, session } from "./client";
import type { components } from "./schema";
import type { SessionStatus } from "./Session";

type WhoAmI = components["schemas"]["WhoAmI"];

export function useSessionStatus(): SessionStatus {
  return useSyncExternalStore(session.subscribe, session.status);
}

/** The person who is logged in; nobody but them ever sees this. */
export function useMe(): UseQueryResult<WhoAmI> {
  return useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/auth/validate", { signal })),
    staleTime: Infinity,
  });
}
