import type { FC } from "react";

import { useT } from "../shared/i18n/i18n";
import { ButtonLink } from "../shared/ui/Button";
import { Mark } from "../shared/ui/Mark";
import { Empty } from "../shared/ui/Page";
import { useTitle } from "../shared/ui/useTitle";

export const NotFound: FC = () => <main><NotHere /></main>;

/** The same within another page's frame. */
export const NotHere: FC = () => {
  const t = useT();
  useTitle(t("app.notFound"));
  return (
    <Empty title={t("app.notFound")} hint={t("app.notFoundHint")}>
      <ButtonLink to="/"><Mark /> {t("app.backHome")}</ButtonLink>
    </Empty>
  );
};
