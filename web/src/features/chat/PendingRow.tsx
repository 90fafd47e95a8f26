import type { FC } from "react";

import { useT } from "../../shared/i18n/i18n";
import { useAfter, useCountdown } from "../../shared/lib/hooks";
import { cx } from "../../shared/ui/cx";
import { Failure, type PendingActions } from "./Failure";
import styles from "./MessageRow.module.css";
import { MessageText } from "./MessageText";
import type { Pending } from "./Outbox";

interface Props {
  pending: Pending;
  text: string;
  live: boolean;
  heldUntil: number | null;
  actions: PendingActions;
}

/** A message under way is marked only when it takes longer than this. */
const PATIENCE_MS = 1_000;

/** One's own message from the moment it was sent until it has its place among the others. */
export const PendingRow: FC<Props> = ({ pending, text, live, heldUntil, actions }) => {
  const late = useAfter(pending.command.madeAt + PATIENCE_MS);
  return (
    <div className={cx(styles.row, styles.mine, styles.opens)}>
      <div className={styles.body}>
        <div className={styles.line}>
          <div className={cx(styles.bubble, late && styles.unsent)}><MessageText text={text} /></div>
        </div>
        {pending.failure !== null && <Failure pending={pending} failure={pending.failure} actions={actions} />}
        {pending.failure === null && late && <State live={live} heldUntil={heldUntil} />}
      </div>
    </div>
  );
};

const State: FC<{ live: boolean; heldUntil: number | null }> = ({ live, heldUntil }) => {
  const t = useT();
  const held = useCountdown(heldUntil);
  if (held > 0) return <p className={styles.note}>{t("chat.heldBack", { count: held })}</p>;
  return <p className={styles.note}>{t(live ? "chat.sending" : "chat.waiting")}</p>;
};
