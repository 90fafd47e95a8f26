import type { FC } from "react";

import { useT } from "../../shared/i18n/i18n";
import { Page } from "../../shared/ui/Page";
import { useTitle } from "../../shared/ui/useTitle";
import { AccountsSection } from "./AccountsSection";
import { OverviewSection } from "./OverviewSection";
import { RoomsSection } from "./RoomsSection";

/** Looking after the server. Nothing here says who wrote what. */
export const OperatorPage: FC = () => {
  const t = useT();
  useTitle(t("operator.title"));
  return (
    <Page>
      <h1>{t("operator.title")}</h1>
      <p>{t("operator.lead")}</p>
      <OverviewSection />
      <AccountsSection />
      <RoomsSection />
    </Page>
  );
};
