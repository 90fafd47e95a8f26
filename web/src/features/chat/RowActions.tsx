import { Ellipsis } from "lucide-react";
import { useState, type FC } from "react";

import { useT } from "../../shared/i18n/i18n";
import { IconButton } from "../../shared/ui/Button";
import { later } from "../../shared/ui/later";
import type { Line } from "./timeline";

const RowMenu = later(async () => (await import("./RowMenu")).RowMenu);

/** What a person may ask for from the list. */
export interface LineActions {
  reply: (line: Line) => void;
  edit: (line: Line) => void;
  delete: (line: Line) => void;
  removeAuthor: (line: Line) => void;
  copyLink: (line: Line) => void;
  jump: (seq: number) => void;
}

export interface RowActionsProps {
  line: Line;
  /** When retention takes it away; null while it is kept. */
  expiresAt: number | null;
  mine: boolean;
  /** Whether the reader is the room's host. */
  host: boolean;
  /** Whether the Tab key leads to the button; the arrow keys of the list reach it in any case. */
  reachable: boolean;
  actions: LineActions;
}

/** The button of a message's menu. The menu itself is built when first asked for, since a room shows many. */
export const RowActions: FC<RowActionsProps> = (props) => {
  const t = useT();
  const [asked, setAsked] = useState(false);
  const button = (
    <IconButton label={t("chat.actions")} aria-haspopup="menu" tabIndex={props.reachable ? 0 : -1} onClick={() => setAsked(true)}><Ellipsis aria-hidden /></IconButton>
  );
  return asked ? <RowMenu {...props} /> : button;
};
