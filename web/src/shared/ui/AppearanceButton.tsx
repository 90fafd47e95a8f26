import { SlidersHorizontal } from "lucide-react";
import { useState, type FC } from "react";

import { useT } from "../i18n/i18n";
import { IconButton } from "./Button";
import { later } from "./later";

const AppearanceDialog = later(async () => (await import("./AppearanceDialog")).AppearanceDialog);

/** The button for language and theme. */
export const AppearanceButton: FC = () => {
  const t = useT();
  const [open, setOpen] = useState<boolean | null>(null);
  return (
    <>
      <IconButton label={t("app.appearance")} onClick={() => setOpen(true)}><SlidersHorizontal aria-hidden /></IconButton>
      {open !== null && <AppearanceDialog open={open} onClose={() => setOpen(false)} />}
    </>
  );
};
