import { Copy, Ellipsis, Link, Pencil, Reply, Trash2, UserX } from "lucide-react";
import type { FC } from "react";

import { fullDate } from "../../shared/i18n/dates";
import { useT } from "../../shared/i18n/i18n";
import { copyText } from "../../shared/lib/copyText";
import { IconButton } from "../../shared/ui/Button";
import { Menu, MenuItem } from "../../shared/ui/Menu";
import type { RowActionsProps } from "./RowActions";
import styles from "./RowMenu.module.css";

/** What can be done with a message; open as soon as it is there. */
export const RowMenu: FC<RowActionsProps> = ({ line, expiresAt, mine, host, reachable, actions }) => {
  const t = useT();
  return (
    <Menu openAtOnce trigger={<IconButton label={t("chat.actions")} tabIndex={reachable ? 0 : -1}><Ellipsis aria-hidden /></IconButton>}>
      <MenuItem icon={<Reply aria-hidden />} onChoose={() => actions.reply(line)}>{t("chat.reply")}</MenuItem>
      <MenuItem icon={<Copy aria-hidden />} onChoose={() => void copyText(line.text)}>{t("chat.copyText")}</MenuItem>
      <MenuItem icon={<Link aria-hidden />} onChoose={() => actions.copyLink(line)}>{t("chat.copyLink")}</MenuItem>
      {mine && <MenuItem icon={<Pencil aria-hidden />} onChoose={() => actions.edit(line)}>{t("chat.edit")}</MenuItem>}
      {(mine || host) && (
        <MenuItem danger icon={<Trash2 aria-hidden />} onChoose={() => actions.delete(line)}>{t("chat.deleteMessage")}</MenuItem>
      )}
      {host && !mine && (
        <MenuItem danger icon={<UserX aria-hidden />} onChoose={() => actions.removeAuthor(line)}>
          {t("chat.removePerson", { name: line.clientName })}
        </MenuItem>
      )}
      <p className={styles.date}>
        {fullDate(line.at)}
        {expiresAt !== null && <><br />{t("chat.vanishesAt", { date: fullDate(expiresAt) })}</>}
      </p>
    </Menu>
  );
};
