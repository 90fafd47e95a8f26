import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { FC, ReactNode } from "react";

import { session } from "../shared/api/client";
import { Problem } from "../shared/api/problem";

const MOST_RETRIES = 2;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A browser may think wrongly that it has no network; what fails says so and is asked again.
      networkMode: "always",
      refetchOnReconnect: true,
      staleTime: 5_000,
      // Asking again helps only where the answer may be another one next time.
      retry: (failures, cause) => failures < MOST_RETRIES && Problem.from(cause).mayPass,
    },
    mutations: { networkMode: "always" },
  },
});

// What one person has loaded is not shown to the next.
session.subscribe(() => {
  if (session.status() !== "in") queries.clear();
});

/** Everything the pages need around them. */
export const Providers: FC<{ children: ReactNode }> = ({ children }) => (
  <CSPProvider disableStyleElements>
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  </CSPProvider>
);
