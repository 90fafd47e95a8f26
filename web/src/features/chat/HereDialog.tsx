import { useState, type FC } from "react";
import { Link } from "react-router";

import type { Room } from "../../shared/api/client";
import { useT } from "../../shared/i18n/i18n";
import { retentionPhrase, sentence } from "../../shared/i18n/retention";
import { chooseEnter, enterBeginsLine } from "../../shared/lib/enterKey";
import type { You } from "../../shared/protocol/frames";
import { AliasGlyph } from "../../shared/ui/AliasGlyph";
import { Dialog } from "../../shared/ui/Dialog";
import { Checkbox } from "../../shared/ui/Field";
import styles from "./HereDialog.module.css";

interface Props {
  room: Room;
  online: number;
  you: You | null;
  open: boolean;
  onClose: () => void;
}

/** Who one is in this room and who can read what is said there, in plain words. */
export const HereDialog: FC<Props> = ({ room, online, you, open, onClose }) => {
  const t = useT();
  const [line, setLine] = useState(enterBeginsLine);
  const facts = [
    [t(room.visibility === "public" ? "rooms.listed" : "rooms.unlisted"), t(room.visibility === "public" ? "chat.herePublic" : "chat.hereLink")],
    [sentence(t(retentionPhrase(room.retention_in))).slice(0, -1), t(room.retention_in == null ? "chat.hereKept" : "chat.hereVanish")],
    [sentence(t("rooms.peopleShort", { count: online })).slice(0, -1), t("chat.hereCrowd")],
  ] as const;
  return (
    <Dialog open={open} onClose={onClose} title={t("chat.whoSees")}>
      <dl className={styles.facts}>
        {you && (
          <div>
            <dt className={styles.me}><AliasGlyph clientId={you.client_id} small /> {t("chat.hereYou", { name: you.client_name })}</dt>
            <dd>{t("chat.hereAlias")}</dd>
          </div>
        )}
        {facts.map(([title, text]) => <div key={title}><dt>{title}</dt><dd>{text}</dd></div>)}
      </dl>
      <p className={styles.server}>{t("chat.hereServer")} <Link to="/privacy">{t("privacy.link")}</Link></p>
      <Checkbox
        label={t("chat.enterLine")}
        checked={line}
        onChange={({ target }) => {
          setLine(target.checked);
          chooseEnter(target.checked);
        }}
      />
    </Dialog>
  );
};
