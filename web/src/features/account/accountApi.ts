import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { answer, api, done, envelope, session } from "../../shared/api/client";
import type { components } from "../../shared/api/schema";
import { clearDevice } from "../../shared/lib/clearDevice";
import { forgetTyped } from "../../shared/lib/personal";
import { saveFile } from "../../shared/lib/saveFile";

export type SessionView = components["schemas"]["SessionView"];
export type OwnData = components["schemas"]["OwnDataView"];
export type Policy = components["schemas"]["PolicyView"];

const EXPORT_NAME = "anonchat.json";

/** Whether one can get an account here, and what has to be told for it. */
export function usePolicy(): UseQueryResult<Policy> {
  return useQuery({ queryKey: ["policy"], queryFn: ({ signal }) => answer(api.GET("/api/v1/auth/policy", { signal })) });
}

/** Everything the server holds about the person who is logged in, but for what they wrote. */
export function useOwnData(): UseQueryResult<OwnData> {
  return useQuery({ queryKey: ["own data"], queryFn: ({ signal }) => answer(api.GET("/api/v1/auth/account/data", { signal })), staleTime: 0 });
}

/** The same and every message, as a file to keep. */
export async function saveOwnData(): Promise<void> {
  saveFile(await envelope(api.GET("/api/v1/auth/account/export", { parseAs: "blob" })), EXPORT_NAME);
}

/** Makes the first account of an operator; `token` comes from the server's setup link. */
export async function setUp(token: string, login: string, email: string, password: string): Promise<void> {
  const body = { token, login, password, ...(email === "" ? {} : { email }) };
  session.begin(await answer(api.POST("/api/v1/auth/setup", { body })));
}

export async function register(login: string, email: string, password: string): Promise<void> {
  const body = { login, password, ...(email === "" ? {} : { email }) };
  session.begin(await answer(api.POST("/api/v1/auth/register", { body })));
}

/** `name` is a login or, when it has an @, an e-mail address. */
export async function logIn(name: string, password: string): Promise<void> {
  const body = name.includes("@") ? { email: name, password } : { login: name, password };
  session.begin(await answer(api.POST("/api/v1/auth/login", { body })));
}

/** Ends the session here, even if the server cannot be told. */
export async function logOut(): Promise<void> {
  const token = session.refreshToken;
  if (token !== null) {
    await done(api.POST("/api/v1/auth/logout", { body: { token } })).catch(() => undefined);
  }
  forgetTyped();
  session.end();
}

/**
 * Erases everything from this browser before the server is told that the session is over, so that
 * a slow network keeps nothing here.
 */
export async function leaveNothing(): Promise<void> {
  const token = session.refreshToken;
  const told = token === null ? null : done(api.POST("/api/v1/auth/logout", { body: { token }, keepalive: true }));
  told?.catch(() => undefined);
  session.end();
  await clearDevice();
}

export function listSessions(signal: AbortSignal): Promise<SessionView[]> {
  return answer(api.GET("/api/v1/auth/sessions", { signal }));
}

export async function endSession(sessionId: string): Promise<void> {
  await done(api.DELETE("/api/v1/auth/sessions/{session_id}", { params: { path: { session_id: sessionId } } }));
}

export async function changePassword(oldPassword: string, newPassword: string): Promise<void> {
  const body = { old_password: oldPassword, new_password: newPassword };
  session.begin(await answer(api.POST("/api/v1/auth/password", { body })));
}

export async function deleteAccount(password: string, messages: boolean): Promise<void> {
  const params = messages ? { query: { messages } } : {};
  await done(api.DELETE("/api/v1/auth/account", { body: { password }, params }));
  forgetTyped();
  session.end();
}
