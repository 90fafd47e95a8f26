import type { FC } from "react";
import { useNavigate } from "react-router";

import { useT } from "../../shared/i18n/i18n";
import { ButtonLink } from "../../shared/ui/Button";
import { Notice } from "../../shared/ui/Notice";
import { register, usePolicy } from "./accountApi";
import { Entrance, EntranceOther } from "./Entrance";
import { NewAccountForm } from "./NewAccountForm";
import { useDestination } from "./useDestination";

export const RegisterPage: FC = () => {
  const t = useT();
  const navigate = useNavigate();
  const { state, to } = useDestination();
  const { data: policy } = usePolicy();
  return (
    <Entrance title={t("account.registerTitle")} lead={t("account.registerLead")}>
      {policy?.registration === "closed" ? <Notice look="warning" text={t("error.registration_closed")} /> : (
        <NewAccountForm
          email={policy?.email ?? "optional"}
          submit={t("account.register")}
          make={register}
          onMade={() => navigate(to, { replace: true })}
        />
      )}
      <EntranceOther>
        <ButtonLink look="plain" to="/login" state={state}>{t("account.toLogin")}</ButtonLink>
        <ButtonLink look="plain" to="/privacy">{t("privacy.link")}</ButtonLink>
      </EntranceOther>
    </Entrance>
  );
};
