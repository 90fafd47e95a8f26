import { useQuery } from "@tanstack/react-query";

import { base } from "../lib/base";

const CHECK_EVERY_MS = 5 * 60_000;

/** What the server carried when this page first heard of it. */
let first: string | null = null;

/** Whether the server now carries a newer UI than this page. */
export function isNewerBuild(build: string): boolean {
  first ??= build;
  return build !== first;
}

/** The same, asked now and then and whenever a person comes back to the page. */
export function useNewBuild(): boolean {
  const { data = false } = useQuery({
    queryKey: ["build"],
    queryFn: async ({ signal }) => isNewerBuild(await servedBuild(signal)),
    staleTime: 0,
    refetchInterval: CHECK_EVERY_MS,
    retry: false,
  });
  return data;
}

/** The build's id is the tag of the page that every address of the UI answers with. */
async function servedBuild(signal: AbortSignal): Promise<string> {
  const { headers } = await fetch(base, { method: "HEAD", cache: "no-store", signal });
  const [, build] = /"(.+)"/.exec(headers.get("ETag") ?? "") ?? [];
  if (build === undefined) throw new Error("the page has no tag");
  return build;
}
