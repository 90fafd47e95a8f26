import { useLocation } from "react-router";

/** Where a person wanted to go before they were asked who they are. */
export interface Destination {
  from?: string;
}

/** The state to hand on between the pages at the entrance, and the address to end at. */
export function useDestination(): { state: Destination; to: string } {
  const state = (useLocation().state ?? {}) as Destination;
  return { state, to: state.from ?? "/" };
}
