import type { FC } from "react";

import { useT } from "../shared/i18n/i18n";
import { Button } from "../shared/ui/Button";
import { Empty } from "../shared/ui/Page";

/** Shown when a page itself fails; what was typed is on the device and comes back. */
export const ErrorScreen: FC = () => {
  const t = useT();
  return (
    <main>
      <Empty title={t("app.crash")} hint={t("app.crashHint")}>
        <Button look="primary" onClick={() => location.reload()}>{t("app.reload")}</Button>
      </Empty>
    </main>
  );
};
