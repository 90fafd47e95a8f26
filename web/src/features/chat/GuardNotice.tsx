import type { FC } from "react";

import { useT } from "../../shared/i18n/i18n";
import { Button } from "../../shared/ui/Button";
import styles from "./GuardNotice.module.css";
import { withoutMarks, type Finding } from "./guards";

interface Props {
  text: string;
  findings: readonly Finding[];
  onSend: () => void;
  /** Goes on writing. */
  onEdit: () => void;
  /** What may go is gone from the text. */
  onText: (text: string) => void;
}

/** What a message gives away, before it is sent. Enter sends it as it is, Escape goes on writing. */
export const GuardNotice: FC<Props> = ({ text, findings, onSend, onEdit, onText }) => {
  const t = useT();
  const removable = withoutMarks(text) !== text;
  return (
    <div className={styles.guard} role="alert">
      <p className={styles.title}>{t("guard.title")}</p>
      <ul className={styles.list}>
        {findings.map(({ kind, what }) => (
          <li key={kind}>{kind === "invisible" ? t("guard.invisible", { count: Number(what) }) : t(`guard.${kind}`, { what })}</li>
        ))}
      </ul>
      <div className={styles.actions}>
        <Button look="plain" onClick={onSend}>{t("guard.send")}</Button>
        {removable && <Button look="plain" onClick={() => onText(withoutMarks(text))}>{t("guard.remove")}</Button>}
        <Button look="plain" onClick={onEdit}>{t("guard.edit")}</Button>
      </div>
    </div>
  );
};
