import { isNewerBuild } from "../../shared/api/build";
import { answer, api, done, session } from "../../shared/api/client";
import { base } from "../../shared/lib/base";
import { personalKey, rememberAlias } from "../../shared/lib/personal";
import { Outbox } from "./Outbox";
import { RoomConnection, type Resume } from "./RoomConnection";

/** The connection of one person to one room. */
export function connectionTo(roomId: string, accountId: string): RoomConnection {
  const path = { room_id: roomId };
  return new RoomConnection({
    openSocket: (resume) => openSocket(roomId, resume),
    loadRoom: () => answer(api.GET("/api/v1/rooms/{room_id}", { params: { path } })),
    loadHistory: (where, limit) => {
      const query = { limit, ...where };
      return answer(api.GET("/api/v1/rooms/{room_id}/messages", { params: { path, query } }));
    },
    freshToken: () => session.renew(),
    outbox: new Outbox(personalKey("outbox", accountId, roomId)),
    rememberAlias: (name) => rememberAlias(accountId, roomId, name),
    isNewerBuild,
  });
}

/** Sends somebody out of the room for good; only its host may. */
export async function removeMember(roomId: string, clientId: string): Promise<void> {
  const path = { room_id: roomId, client_id: clientId };
  await done(api.DELETE("/api/v1/rooms/{room_id}/members/{client_id}", { params: { path } }));
}

/** The token travels as a subprotocol, so that it is in no address and in no log on the way. */
async function openSocket(roomId: string, resume: Resume | null): Promise<WebSocket> {
  const token = await session.accessToken();
  const url = new URL(`${base}api/v1/rooms/ws`, location.origin);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("room", roomId);
  if (resume) {
    url.searchParams.set("since", String(resume.since));
    url.searchParams.set("epoch", resume.epoch);
  }
  return new WebSocket(url, ["anonchat.v1", `bearer.${token}`]);
}
