import { useEffect, useState, type FC } from "react";
import { useLocation, useNavigate } from "react-router";

import { Problem } from "../../shared/api/problem";
import { explain } from "../../shared/i18n/explain";
import { useT } from "../../shared/i18n/i18n";
import { Notice } from "../../shared/ui/Notice";
import { setUp, usePolicy } from "./accountApi";
import { Entrance } from "./Entrance";
import { NewAccountForm } from "./NewAccountForm";

/** Behind the link that the server prints: the account of whoever runs it. */
export const SetupPage: FC = () => {
  const t = useT();
  const navigate = useNavigate();
  const token = useTokenOnce();
  const { data: policy } = usePolicy();
  return (
    <Entrance title={t("operator.setupTitle")} lead={t("operator.setupLead")}>
      {token === "" ? <Notice look="warning" text={t("operator.setupIncomplete")} /> : (
        <NewAccountForm
          email={policy?.email ?? "optional"}
          submit={t("account.register")}
          make={(login, email, password) => setUp(token, login, email, password)}
          onMade={() => navigate("/admin", { replace: true })}
          explainFailure={(cause) => (isRefused(cause) ? t("operator.setupSpent") : explain(cause))}
        />
      )}
    </Entrance>
  );
};

/** The token of the address, which is taken off it at once: it would stay in the history. */
function useTokenOnce(): string {
  const { hash } = useLocation();
  const navigate = useNavigate();
  const [token, setToken] = useState("");
  // Also when the link is opened in a tab that is here already.
  if (hash !== "" && hash.slice(1) !== token) setToken(hash.slice(1));
  useEffect(() => {
    if (hash !== "") void navigate("/setup", { replace: true });
  }, [hash, navigate]);
  return token;
}

function isRefused(cause: Error): boolean {
  const { code, fields } = Problem.from(cause);
  return code === "forbidden" || fields.includes("token");
}
