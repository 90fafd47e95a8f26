import { useState, type FC } from "react";

import { useT, type MessageKey } from "../i18n/i18n";
import { chooseEnter, enterBeginsLine } from "../lib/enterKey";
import { chooseSingleKeys, singleKeys } from "../lib/shortcuts";
import { Dialog } from "./Dialog";
import { Checkbox } from "./Field";
import styles from "./ShortcutsDialog.module.css";

const COMMAND = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

/** `single` ones need no Ctrl, Alt or ⌘ and can be switched off. */
const SHORTCUTS: readonly { keys: readonly string[]; does: MessageKey; single?: true }[] = [
  { keys: [COMMAND, "K"], does: "keys.switch" },
  { keys: ["Alt", "↑ ↓"], does: "keys.neighbours" },
  { keys: ["Alt", "Shift", "↑ ↓"], does: "keys.unread" },
  { keys: ["/"], does: "keys.write", single: true },
  { keys: ["End"], does: "keys.latest" },
  { keys: [COMMAND, "Enter"], does: "keys.send" },
  { keys: ["↑"], does: "keys.editLast" },
  { keys: ["Esc", "Esc"], does: "keys.hide" },
  { keys: ["?"], does: "keys.help", single: true },
];

interface Props {
  open: boolean;
  onClose: () => void;
}

/** Which keys do what, and two choices about them, kept on this device. */
export const ShortcutsDialog: FC<Props> = ({ open, onClose }) => {
  const t = useT();
  const [single, setSingle] = useState(singleKeys);
  const [line, setLine] = useState(enterBeginsLine);
  return (
    <Dialog open={open} onClose={onClose} title={t("keys.title")}>
      <dl className={styles.list}>
        {SHORTCUTS.filter((shortcut) => single || !shortcut.single).map(({ keys, does }) => (
          <div key={does} className={styles.row}>
            <dt>{t(does)}</dt>
            <dd className={styles.keys}>{keys.map((key, place) => <kbd key={place} className={styles.key}>{key}</kbd>)}</dd>
          </div>
        ))}
      </dl>
      <div>
        <Checkbox
          label={t("keys.single")}
          checked={single}
          onChange={({ target }) => {
            chooseSingleKeys(target.checked);
            setSingle(target.checked);
          }}
        />
        <Checkbox
          label={t("keys.enterLine")}
          checked={line}
          onChange={({ target }) => {
            chooseEnter(target.checked);
            setLine(target.checked);
          }}
        />
      </div>
    </Dialog>
  );
};
