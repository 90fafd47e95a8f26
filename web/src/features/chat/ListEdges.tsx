import type { FC } from "react";

import { useT } from "../../shared/i18n/i18n";
import { Button } from "../../shared/ui/Button";
import styles from "./MessageList.module.css";

/** Where the room begins, or what has expired before the first message that is left. */
export const Start: FC<{ expired: number }> = ({ expired }) => {
  const t = useT();
  return <p className={styles.edge}>{expired > 0 ? t("chat.expired", { count: expired }) : t("chat.beginning")}</p>;
};

/** Nobody has said anything. */
export const Empty: FC<{ name: string }> = ({ name }) => {
  const t = useT();
  return (
    <div className={styles.empty}>
      <p>{t("chat.empty")}</p>
      <p>{t("chat.emptyHint", { name })}</p>
    </div>
  );
};

/** What goes on at an edge of the list; lies over it, so that nothing moves. */
export const HistoryNote: FC<{ text: string; onRetry?: (() => void) | undefined }> = ({ text, onRetry }) => {
  const t = useT();
  return (
    <div className={styles.note}>
      <p>{text}</p>
      {onRetry && <Button look="plain" onClick={onRetry}>{t("action.retry")}</Button>}
    </div>
  );
};

/** The shape of what is on its way. */
export const Skeleton: FC = () => {
  const t = useT();
  return (
    <div className={styles.skeleton} role="status">
      <span aria-hidden /><span aria-hidden /><span aria-hidden />
      <p className="visually-hidden">{t("chat.loadingRoom")}</p>
    </div>
  );
};
