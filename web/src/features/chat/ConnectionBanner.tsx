import type { FC } from "react";

import { useT } from "../../shared/i18n/i18n";
import { useAfter, useOnline } from "../../shared/lib/hooks";
import { Button } from "../../shared/ui/Button";
import styles from "./ConnectionBanner.module.css";

/** A short gap goes unnoticed. */
const PATIENCE_MS = 3_000;

interface Props {
  lostAt: number | null;
  newBuild: boolean;
  onRetry: () => void;
}

/** One calm line about the connection, only when there is something to say. */
export const ConnectionBanner: FC<Props> = ({ lostAt, newBuild, onRetry }) => {
  const t = useT();
  const online = useOnline();
  const lost = useAfter(lostAt === null ? null : lostAt + PATIENCE_MS);
  if (lost) {
    return (
      <div className={styles.banner} role="alert">
        <p>{t(online ? "chat.reconnecting" : "chat.offline")}</p>
        <Button look="plain" onClick={onRetry}>{t("chat.retryNow")}</Button>
      </div>
    );
  }
  if (!newBuild) return null;
  return (
    <div className={styles.banner} role="status">
      <p>{t("chat.newBuild")}</p>
      <Button look="plain" onClick={() => location.reload()}>{t("app.reload")}</Button>
    </div>
  );
};
