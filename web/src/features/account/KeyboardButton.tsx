import { useState, type FC } from "react";

import { useT } from "../../shared/i18n/i18n";
import { Button } from "../../shared/ui/Button";
import { later } from "../../shared/ui/later";

const ShortcutsDialog = later(async () => (await import("../../shared/ui/ShortcutsDialog")).ShortcutsDialog);

/** The way to the list of keys for those who do not know its key. */
export const KeyboardButton: FC = () => {
  const t = useT();
  const [open, setOpen] = useState<boolean | null>(null);
  return (
    <div>
      <Button onClick={() => setOpen(true)}>{t("account.keyboardOpen")}</Button>
      {open !== null && <ShortcutsDialog open={open} onClose={() => setOpen(false)} />}
    </div>
  );
};
