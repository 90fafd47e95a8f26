import type { FC } from "react";

import { OperatorPage } from "../features/operator/OperatorPage";
import { useMe } from "../shared/api/useSession";
import { explain } from "../shared/i18n/explain";
import { useT } from "../shared/i18n/i18n";
import { Button } from "../shared/ui/Button";
import { Empty, Loading } from "../shared/ui/Page";
import { NotHere } from "./NotFound";

/** The pages of whoever runs the server; for everybody else there is nothing here. */
export const OperatorScreen: FC = () => {
  const t = useT();
  const { data: me, error, refetch } = useMe();
  if (me) return me.role === "operator" ? <OperatorPage /> : <NotHere />;
  if (!error) return <Loading text={t("action.loading")} />;
  return <Empty title={explain(error)} hint=""><Button look="primary" onClick={() => void refetch()}>{t("action.retry")}</Button></Empty>;
};
