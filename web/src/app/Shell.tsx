import { CircleUserRound, Search } from "lucide-react";
import { useCallback, useEffect, useState, type FC, type ReactNode } from "react";
import { Link, useLocation, useNavigate } from "react-router";

import { neighbour, unreadIn } from "../features/rooms/neighbours";
import { useAllMyRooms } from "../features/rooms/roomsApi";
import { RoomsSidebar } from "../features/rooms/RoomsSidebar";
import { useNewBuild } from "../shared/api/build";
import type { Room } from "../shared/api/client";
import { useT } from "../shared/i18n/i18n";
import { showUnread } from "../shared/lib/attention";
import { useOnline } from "../shared/lib/hooks";
import { parseRoomId, roomPath } from "../shared/lib/roomLink";
import { keepShell } from "../shared/lib/shellWorker";
import type { Shortcut } from "../shared/lib/shortcuts";
import { AppearanceButton } from "../shared/ui/AppearanceButton";
import { Button, IconButton, IconLink } from "../shared/ui/Button";
import { cx } from "../shared/ui/cx";
import { later } from "../shared/ui/later";
import { Mark } from "../shared/ui/Mark";
import styles from "./Shell.module.css";
import { useShortcuts } from "./useShortcuts";

const RoomSwitcher = later(async () => (await import("../features/rooms/RoomSwitcher")).RoomSwitcher);
const ShortcutsDialog = later(async () => (await import("../shared/ui/ShortcutsDialog")).ShortcutsDialog);

/** The rooms at the side where there is space for them, and one page beside them. */
export const Shell: FC<{ children: ReactNode }> = ({ children }) => {
  const t = useT();
  const inRoom = useLocation().pathname.startsWith("/r/");
  const online = useOnline();
  const newBuild = useNewBuild();
  const rooms = useAllMyRooms();
  const [dialog, setDialog] = useState<"help" | "switch" | null>(null);
  useUnreadSigns(unreadIn(rooms));
  useWays(rooms, setDialog);
  useEffect(keepShell, []);
  const close = (): void => setDialog(null);
  return (
    <div className={cx(styles.shell, inRoom && styles.bare)}>
      <a className={styles.skip} href="#content">{t("app.skip")}</a>
      <header className={styles.bar}>
        <Link className={styles.brand} to="/" aria-label={t("app.home")}><Mark /> AnonChat</Link>
        <IconButton label={t("rooms.switch")} onClick={() => setDialog("switch")}><Search aria-hidden /></IconButton>
        <AppearanceButton />
        <IconLink to="/account" label={t("account.settings")}><CircleUserRound aria-hidden /></IconLink>
      </header>
      <div className={styles.side}><RoomsSidebar /></div>
      <main id="content" className={styles.content} tabIndex={-1}>
        {newBuild && !inRoom && (
          <div className={styles.news} role="status">
            <p>{t("chat.newBuild")}</p>
            <Button look="plain" onClick={() => location.reload()}>{t("app.reload")}</Button>
          </div>
        )}
        {!online && !inRoom && <p className={styles.offline} role="status">{t("app.offline")}</p>}
        {children}
      </main>
      <RoomSwitcher open={dialog === "switch"} onClose={close} />
      <ShortcutsDialog open={dialog === "help"} onClose={close} />
    </div>
  );
};

/** What waits shows on the tab and the app's icon, as long as somebody is logged in. */
function useUnreadSigns(unread: number): void {
  useEffect(() => showUnread(unread), [unread]);
  useEffect(() => () => showUnread(0), []);
}

/** Keys that lead somewhere: to a dialog or to another room. */
function useWays(rooms: readonly Room[], onDialog: (dialog: "help" | "switch") => void): void {
  const navigate = useNavigate();
  const here = parseRoomId(/^\/r\/([^/]+)/.exec(useLocation().pathname)?.[1] ?? "");
  const act = useCallback((shortcut: Shortcut) => {
    if (shortcut === "help" || shortcut === "switch") {
      onDialog(shortcut);
      return;
    }
    const unreadOnly = shortcut === "nextUnread" || shortcut === "previousUnread";
    const step = shortcut === "next" || shortcut === "nextUnread" ? 1 : -1;
    const room = neighbour(rooms, here, step, unreadOnly);
    if (room) void navigate(roomPath(room.room_id));
  }, [rooms, here, navigate, onDialog]);
  useShortcuts(act);
}
