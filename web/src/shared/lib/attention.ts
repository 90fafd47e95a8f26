import { base } from "./base";

const CALM = `${base}icon.svg`;
const WAITING = `${base}icon-unread.svg`;

type Badges = Partial<Pick<Navigator, "setAppBadge" | "clearAppBadge">>;

/** Shows on the tab and on the installed app's icon that something waits to be read. */
export function showUnread(count: number): void {
  document.querySelector("link[rel=icon]")?.setAttribute("href", count > 0 ? WAITING : CALM);
  const { setAppBadge, clearAppBadge } = navigator as Badges;
  // A browser may refuse a badge to a page that is not installed.
  const shown = count > 0 ? setAppBadge?.call(navigator, count) : clearAppBadge?.call(navigator);
  shown?.catch(() => undefined);
}
