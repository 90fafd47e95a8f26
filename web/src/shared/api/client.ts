import createClient from "openapi-fetch";

import { base } from "../lib/base";
import { Problem, problemIn } from "./problem";
import type { components, paths } from "./schema";
import { exclusively, openChannel, Session } from "./Session";

export type Room = components["schemas"]["RoomView"];
export type Message = components["schemas"]["MessageView"];
export type Visibility = components["schemas"]["VisibilityView"];

const OPEN_ROUTES = /\/api\/v1\/(status|auth\/(policy|register|setup|login|refresh|logout))$/;

const bare = createClient<paths>({ baseUrl: location.origin + base, fetch: reach });

/** Whoever is logged in on this device. */
export const session = new Session({
  refresh: (token) => answer(bare.POST("/api/v1/auth/refresh", { body: { token } })),
  exclusively,
  channel: openChannel(),
});

/** Every route of the server, typed by its OpenAPI document. */
export const api = createClient<paths>({ baseUrl: location.origin + base, fetch: reachAsPerson });

interface Outcome<Body> {
  data?: Body;
  error?: unknown;
  response: Response;
}

/** What the envelope carries, or the [`Problem`] it describes. */
export async function answer<Data>(request: Promise<Outcome<{ data: Data }>>): Promise<Data> {
  return (await envelope(request)).data;
}

/** Waits for a request whose success says nothing more. */
export async function done(request: Promise<Outcome<unknown>>): Promise<void> {
  await envelope(request);
}

/** The whole body of an answer that went well, or the [`Problem`] it describes. */
export async function envelope<Body>(request: Promise<Outcome<Body>>): Promise<Body> {
  let outcome;
  try {
    outcome = await request;
  } catch (cause) {
    // An answer that is not JSON at all comes from something in between.
    throw cause instanceof SyntaxError ? new Problem("unexpected", "the answer is not JSON") : cause;
  }
  if (outcome.data !== undefined) return outcome.data;
  throw problemIn(outcome.error, outcome.response.status);
}

async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw new Problem("offline", "the server was not reached");
  }
}

async function reachAsPerson(request: Request): Promise<Response> {
  if (OPEN_ROUTES.test(new URL(request.url).pathname)) return reach(request);
  const token = await session.accessToken();
  const response = await reach(bearing(request.clone(), token));
  if (response.status !== 401 || (await codeOf(response)) !== "unauthorized") return response;
  return reach(bearing(request, await session.renew(token)));
}

function bearing(request: Request, token: string): Request {
  request.headers.set("Authorization", `Bearer ${token}`);
  return request;
}

async function codeOf(response: Response): Promise<unknown> {
  const body: unknown = await response.clone().json().catch(() => null);
  return typeof body === "object" && body !== null && "code" in body ? body.code : null;
}
