import { useMutation } from "@tanstack/react-query";
import { useState, type FC } from "react";

import { shortDate } from "../../shared/i18n/dates";
import { explain } from "../../shared/i18n/explain";
import { useT } from "../../shared/i18n/i18n";
import { amountOfData } from "../../shared/i18n/numbers";
import { Button } from "../../shared/ui/Button";
import { ChoiceField } from "../../shared/ui/Field";
import { Notice } from "../../shared/ui/Notice";
import { Section, Skeleton } from "../../shared/ui/Page";
import styles from "./Operator.module.css";
import { chooseRegistration, useOverview, useRefresh, type Overview, type Registration } from "./operatorApi";

/** How the server is, what it holds, and who may come in. */
export const OverviewSection: FC = () => {
  const t = useT();
  const { data, error, isPending, refetch } = useOverview();
  return (
    <>
      <Section title={t("operator.overview")}>
        {isPending && <Skeleton text={t("action.loading")} />}
        {error && (
          <Notice look="danger" text={explain(error)}>
            <Button onClick={() => void refetch()}>{t("action.retry")}</Button>
          </Notice>
        )}
        {data && !data.healthy && <Notice look="danger" text={t("operator.unhealthy")} />}
        {data && <Facts overview={data} />}
      </Section>
      {data && <Section title={t("operator.registration")}><RegistrationChoice overview={data} /></Section>}
    </>
  );
};

const Facts: FC<{ overview: Overview }> = ({ overview }) => {
  const t = useT();
  const facts: [string, string][] = [
    [t("operator.storage"), t(overview.healthy ? "operator.storageWorks" : "operator.storageFails")],
    [t("operator.version"), overview.version],
    [t("operator.startedAt"), shortDate(overview.started_at)],
    [t("operator.stored"), amountOfData(overview.stored_bytes)],
    [t("operator.accounts"), t("operator.accountsCount", { count: overview.accounts, operators: overview.operators, disabled: overview.disabled })],
    [t("operator.sessions"), String(overview.sessions)],
    [t("operator.sockets"), String(overview.sockets)],
    [t("operator.rooms"), String(overview.rooms)],
  ];
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
};

const RegistrationChoice: FC<{ overview: Overview }> = ({ overview }) => {
  const t = useT();
  const refresh = useRefresh();
  // What was chosen stays chosen, until the server has said what holds.
  const [chosen, setChosen] = useState<Registration>();
  const change = useMutation({ mutationFn: chooseRegistration, onSettled: refresh });
  if (overview.registration_locked) return <p>{t("operator.registrationLocked")}</p>;
  return (
    <>
      <ChoiceField<Registration>
        label={t("operator.registrationLabel")}
        name="registration"
        value={chosen ?? overview.registration}
        options={[{ value: "open", label: t("operator.registrationOpen") }, { value: "closed", label: t("operator.registrationClosed") }]}
        onChoose={(registration) => {
          setChosen(registration);
          change.mutate(registration, { onSettled: () => setChosen(undefined) });
        }}
      />
      {change.isError && <Notice look="danger" text={explain(change.error)} />}
      <p className="visually-hidden" role="status">{change.isSuccess ? t("action.saved") : ""}</p>
    </>
  );
};
