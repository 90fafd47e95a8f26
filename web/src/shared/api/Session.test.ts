import { expect, test, vi } from "vitest";

import { Problem } from "./problem";
import { Session } from "./Session";

function tokens(name: string, expires_in = 900) {
  return { access_token: `access ${name}`, refresh_token: `refresh ${name}`, token_type: "Bearer", expires_in, refresh_expires_in: 604_800 };
}

function open(refresh = vi.fn((token: string) => Promise.resolve(tokens(`after ${token}`)))) {
  const channel = { postMessage: vi.fn(), onmessage: null as ((event: MessageEvent) => unknown) | null };
  const session = new Session({ refresh, exclusively: (work) => work(), channel });
  return { session, refresh, channel };
}

test("the access token is in memory only, and used while it lasts", async () => {
  const { session, refresh } = open();
  session.begin(tokens("one"));
  expect(await session.accessToken()).toBe("access one");
  expect(refresh).not.toHaveBeenCalled();
  expect(JSON.stringify(localStorage)).not.toContain("access one");
});

test("requests at the same time share one renewal", async () => {
  const { session, refresh } = open();
  session.begin(tokens("one", 10));
  const answers = await Promise.all([session.accessToken(), session.accessToken(), session.renew()]);
  expect(new Set(answers).size).toBe(1);
  expect(refresh).toHaveBeenCalledOnce();
  expect(localStorage.getItem("anonchat.session")).toBe("refresh after refresh one");
});

test("a token that another tab has put in place of a refused one is used", async () => {
  const { session, refresh, channel } = open();
  session.begin(tokens("one"));
  channel.onmessage?.({ data: { token: "access two", endsAt: Date.now() + 900_000 } } as MessageEvent);
  expect(await session.renew("access one")).toBe("access two");
  expect(refresh).not.toHaveBeenCalled();
});

test("a network that is away leaves the session as it is; a refusal ends it", async () => {
  const refresh = vi.fn<(token: string) => Promise<ReturnType<typeof tokens>>>();
  const { session } = open(refresh);
  session.begin(tokens("one", 10));
  refresh.mockRejectedValueOnce(new Problem("offline", "away"));
  await expect(session.accessToken()).rejects.toMatchObject({ code: "offline" });
  expect(session.status()).toBe("in");
  refresh.mockRejectedValueOnce(new Problem("session_revoked", "replayed", { status: 401 }));
  await expect(session.accessToken()).rejects.toMatchObject({ code: "session_revoked" });
  expect(session.status()).toBe("ended");
  expect(localStorage.length).toBe(0);
});

test("logging out in one tab logs out of all", () => {
  const { session, channel } = open();
  session.begin(tokens("one"));
  channel.onmessage?.({ data: null } as MessageEvent);
  expect(session.status()).toBe("out");
});
