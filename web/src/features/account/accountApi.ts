import { answer, api, done, session } from "../../shared/api/client";
import type { components } from "../../shared/api/schema";
import { clearDevice } from "../../shared/lib/clearDevice";
import { forgetTyped } from "../../shared/lib/personal";

export type SessionView = components["schemas"]["SessionView"];

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
