import { lazy, Suspense, useState, type FC } from "react";

import { useT } from "../../shared/i18n/i18n";
import { copyText } from "../../shared/lib/copyText";
import { roomLink } from "../../shared/lib/roomLink";
import { Button } from "../../shared/ui/Button";
import { TextField } from "../../shared/ui/Field";
import styles from "./RoomForm.module.css";

const QrCode = lazy(() => import("./QrCode"));

/** The link to a room, ready to be copied or photographed. */
export const ShareRoom: FC<{ roomId: string }> = ({ roomId }) => {
  const t = useT();
  const link = roomLink(roomId);
  const [copied, setCopied] = useState(false);
  return (
    <div className={styles.share}>
      <div className={styles.link}>
        <TextField label={t("rooms.link")} value={link} readOnly onFocus={(event) => event.target.select()} />
        <Button look="primary" onClick={() => void copyText(link).then(setCopied)}>
          {t(copied ? "rooms.linkCopied" : "rooms.copyLink")}
        </Button>
      </div>
      <Suspense fallback={null}><QrCode text={link} label={t("rooms.qr")} /></Suspense>
      <span className="visually-hidden" role="status">{copied ? t("rooms.linkCopied") : ""}</span>
    </div>
  );
};
