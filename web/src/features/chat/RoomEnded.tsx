import type { FC } from "react";

import type { Room } from "../../shared/api/client";
import { useT } from "../../shared/i18n/i18n";
import { ButtonLink } from "../../shared/ui/Button";
import { Empty, Loading } from "../../shared/ui/Page";
import type { RoomEnd } from "./endings";

const WORDS = {
  deleted: ["chat.goneDeleted", "chat.goneDeletedHint"],
  removed: ["chat.goneRemoved", "chat.goneRemovedHint"],
  not_found: ["chat.goneNotFound", "chat.goneNotFoundHint"],
  logged_out: ["chat.goneLoggedOut", "chat.goneLoggedOutHint"],
} as const;

/** There is no way back into the room, and why. */
export const RoomEnded: FC<{ end: RoomEnd }> = ({ end }) => {
  const t = useT();
  const [title, hint] = WORDS[end];
  return (
    <div role="alert">
      <Empty title={t(title)} hint={t(hint)}><ButtonLink to="/">{t("rooms.allRooms")}</ButtonLink></Empty>
    </div>
  );
};

/** As many people are in the room as it takes. */
export const RoomFull: FC<{ room: Room }> = ({ room }) => {
  const t = useT();
  return (
    <Empty title={t("rooms.full")} hint={t("rooms.fullHint", { count: room.max_user })}>
      <Loading text={room.name} />
      <ButtonLink to="/">{t("rooms.allRooms")}</ButtonLink>
    </Empty>
  );
};
