import type { FC } from "react";

import { useT } from "../../shared/i18n/i18n";
import { base } from "../../shared/lib/base";
import { Button } from "../../shared/ui/Button";
import { leaveNothing } from "./accountApi";

/** For a browser that is not one's own, or that somebody else may look at: one tap, no question. */
export const ClearDevice: FC = () => {
  const t = useT();
  // The page starts anew, so that nothing stays in its memory either.
  return <div><Button onClick={() => void leaveNothing().finally(() => location.replace(base))}>{t("account.clear")}</Button></div>;
};
