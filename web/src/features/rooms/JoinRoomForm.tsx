import { useState, type FC, type SubmitEvent } from "react";
import { useNavigate } from "react-router";

import { useT } from "../../shared/i18n/i18n";
import { roomIdIn, roomPath } from "../../shared/lib/roomLink";
import { Button } from "../../shared/ui/Button";
import { TextField } from "../../shared/ui/Field";

/** Takes a person to the door of a room whose id or link they have. */
export const JoinRoomForm: FC = () => {
  const t = useT();
  const navigate = useNavigate();
  const [pasted, setPasted] = useState("");
  const [tried, setTried] = useState(false);
  const roomId = roomIdIn(pasted);

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setTried(true);
    if (roomId !== null) void navigate(roomPath(roomId));
  };

  return (
    <form onSubmit={submit} noValidate>
      <TextField
        label={t("rooms.joinLabel")}
        placeholder={t("rooms.joinPlaceholder")}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={pasted}
        onChange={(event) => setPasted(event.target.value)}
        error={tried && roomId === null ? t("rooms.joinInvalid") : null}
        after={<Button type="submit">{t("rooms.joinSubmit")}</Button>}
      />
    </form>
  );
};
