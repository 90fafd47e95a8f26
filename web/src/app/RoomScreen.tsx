import { useCallback, useState, type FC } from "react";
import { useParams } from "react-router";

import { ChatPane } from "../features/chat/ChatPane";
import { RoomEnded } from "../features/chat/RoomEnded";
import { Door } from "../features/rooms/Door";
import { useRoomCache, useRoomInfo } from "../features/rooms/roomsApi";
import type { Room } from "../shared/api/client";
import { Problem } from "../shared/api/problem";
import { useMe } from "../shared/api/useSession";
import { explain } from "../shared/i18n/explain";
import { useT } from "../shared/i18n/i18n";
import { parseRoomId } from "../shared/lib/roomLink";
import { Button, ButtonLink } from "../shared/ui/Button";
import { later } from "../shared/ui/later";
import { Empty, Loading } from "../shared/ui/Page";

const RoomDrawer = later(async () => (await import("../features/rooms/RoomDrawer")).RoomDrawer);

/** The room of a link: its door for who comes first, its conversation for who has been inside. */
export const RoomScreen: FC = () => {
  const { roomId } = useParams();
  const id = parseRoomId(roomId ?? "");
  return id === null ? <RoomEnded end="not_found" /> : <RoomById key={id} roomId={id} />;
};

const RoomById: FC<{ roomId: string }> = ({ roomId }) => {
  const t = useT();
  const me = useMe();
  const info = useRoomInfo(roomId);
  const { remember } = useRoomCache();
  const [entered, setEntered] = useState(false);
  const onRoom = useCallback((room: Room) => remember({ ...room, joined: true }), [remember]);
  const drawer = useCallback(
    (room: Room, open: boolean, onClose: () => void) => <RoomDrawer room={room} open={open} onClose={onClose} />,
    [],
  );

  const room = info.data;
  const inside = entered || room?.joined === true;
  const end = inside ? null : endOf(info.error);
  if (end !== null) return <RoomEnded end={end} />;
  if (room && me.data) {
    if (!inside) return <Door room={room} onEnter={() => setEntered(true)} />;
    return <ChatPane roomId={roomId} accountId={me.data.id} known={room} drawer={drawer} onRoom={onRoom} />;
  }
  const failure = info.error ?? me.error;
  if (failure === null) return <Loading text={t("chat.loadingRoom")} />;
  return (
    <Empty title={explain(failure)} hint="">
      <Button look="primary" onClick={() => void Promise.all([info.refetch(), me.refetch()])}>{t("action.retry")}</Button>
      <ButtonLink to="/">{t("rooms.allRooms")}</ButtonLink>
    </Empty>
  );
};

/** Why there is no door to stand at. */
function endOf(failure: Error | null): "not_found" | "removed" | null {
  if (failure === null) return null;
  const { code } = Problem.from(failure);
  if (code === "room_not_found" || code === "not_found") return "not_found";
  return code === "banned" ? "removed" : null;
}
