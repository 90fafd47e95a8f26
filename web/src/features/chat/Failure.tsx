import type { FC } from "react";

import type { FailureCode } from "../../shared/api/problem";
import { explainCode } from "../../shared/i18n/explain";
import { useT } from "../../shared/i18n/i18n";
import { copyText } from "../../shared/lib/copyText";
import { Button } from "../../shared/ui/Button";
import styles from "./MessageRow.module.css";
import type { Pending } from "./Outbox";

/** What can be done about something that was not carried out. */
export interface PendingActions {
  retry: (id: string) => void;
  discard: (id: string) => void;
}

interface Props {
  pending: Pending;
  failure: FailureCode;
  actions: PendingActions;
}

/** What did not happen. */
export const TITLES = { send: "chat.notSent", edit: "chat.notEdited", delete: "chat.notDeleted" } as const;

/**
 * Why it failed, in words, and the ways on. Nothing goes away unless a person says so. It is spoken
 * by the announcer: a row comes and goes with scrolling.
 */
export const Failure: FC<Props> = ({ pending: { command }, failure, actions }) => {
  const t = useT();
  return (
    <div className={styles.failure}>
      <p>{t(TITLES[command.kind])} {explainCode(failure)}</p>
      <Button look="plain" onClick={() => actions.retry(command.id)}>{t("action.retry")}</Button>
      {command.kind !== "delete" && <Button look="plain" onClick={() => void copyText(command.text)}>{t("action.copy")}</Button>}
      <Button look="plain" onClick={() => actions.discard(command.id)}>{t(command.kind === "send" ? "action.delete" : "action.cancel")}</Button>
    </div>
  );
};
