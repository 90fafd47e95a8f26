import { useMutation } from "@tanstack/react-query";
import { Ellipsis, LogOut, Trash2, UserCheck, UserX } from "lucide-react";
import { useDeferredValue, useRef, useState, type FC } from "react";

import { dayOf } from "../../shared/i18n/dates";
import { explain } from "../../shared/i18n/explain";
import { useT, type MessageKey } from "../../shared/i18n/i18n";
import { IconButton } from "../../shared/ui/Button";
import { ConfirmDialog } from "../../shared/ui/ConfirmDialog";
import { TextField } from "../../shared/ui/Field";
import { Menu, MenuItem } from "../../shared/ui/Menu";
import { Notice } from "../../shared/ui/Notice";
import { Section } from "../../shared/ui/Page";
import styles from "./Operator.module.css";
import { disableAccount, enableAccount, eraseAccount, logOutEverywhere, useAccounts, useRefresh, type Account } from "./operatorApi";
import { PagedList } from "./PagedList";

type Deed = "disable" | "logOut" | "erase";

/** What is asked before each deed, and what carries it out. */
const DEEDS: Readonly<Record<Deed, { title: MessageKey; lead: MessageKey; submit: MessageKey; act: (account: Account) => Promise<void> }>> = {
  disable: { title: "operator.disableTitle", lead: "operator.disableLead", submit: "operator.disable", act: disableAccount },
  logOut: { title: "operator.logOutTitle", lead: "operator.logOutLead", submit: "operator.logOut", act: logOutEverywhere },
  erase: { title: "operator.eraseTitle", lead: "operator.eraseLead", submit: "operator.erase", act: eraseAccount },
};

/** Who has an account here, and what can be done about it. */
export const AccountsSection: FC = () => {
  const t = useT();
  const refresh = useRefresh();
  const field = useRef<HTMLInputElement>(null);
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search.trim());
  const accounts = useAccounts(wanted);
  const [asked, setAsked] = useState<{ deed: Deed; account: Account; open: boolean } | null>(null);
  const enabling = useMutation({ mutationFn: enableAccount, onSettled: refresh });
  const deed = asked && DEEDS[asked.deed];
  return (
    <Section title={t("operator.accounts")} hint={t("operator.accountsHint")}>
      <TextField ref={field} label={t("operator.accountsSearch")} type="search" autoComplete="off" spellCheck={false} value={search} onChange={(event) => setSearch(event.target.value)} />
      {enabling.isError && <Notice look="danger" text={explain(enabling.error)} />}
      <PagedList pages={accounts} items={accounts.data?.pages.flatMap((page) => page.accounts)} empty={t("operator.accountsNone")}>
        {(account) => (
          <AccountRow
            key={account.account_id}
            account={account}
            onEnable={() => enabling.mutate(account)}
            onAsk={(chosen) => setAsked({ deed: chosen, account, open: true })}
          />
        )}
      </PagedList>
      {asked && deed && (
        <ConfirmDialog
          key={`${asked.deed} ${asked.account.account_id}`}
          open={asked.open}
          onClose={() => setAsked({ ...asked, open: false })}
          title={t(deed.title, { login: asked.account.login })}
          lead={t(deed.lead)}
          submit={t(deed.submit)}
          act={() => deed.act(asked.account).then(refresh)}
          focusAfter={() => field.current}
        />
      )}
    </Section>
  );
};

interface RowProps {
  account: Account;
  onEnable: () => void;
  onAsk: (deed: Deed) => void;
}

const AccountRow: FC<RowProps> = ({ account, onEnable, onAsk }) => {
  const t = useT();
  const { login, created_at, role, state, is_you } = account;
  const facts = [
    t("operator.since", { date: dayOf(created_at) }),
    ...(role === "operator" ? [t("operator.roleOperator")] : []),
    ...(state === "disabled" ? [t("operator.stateDisabled")] : []),
    ...(is_you ? [t("operator.you")] : []),
  ];
  return (
    <li className={styles.row}>
      <div>
        <p className={styles.name}>{login}</p>
        <p className={styles.meta}>{facts.join(" · ")}</p>
      </div>
      {!is_you && (
        <Menu trigger={<IconButton label={t("operator.accountActions", { login })}><Ellipsis aria-hidden /></IconButton>}>
          {state === "disabled"
            ? <MenuItem icon={<UserCheck aria-hidden />} onChoose={onEnable}>{t("operator.enable")}</MenuItem>
            : <MenuItem icon={<UserX aria-hidden />} onChoose={() => onAsk("disable")}>{t("operator.disable")}</MenuItem>}
          <MenuItem icon={<LogOut aria-hidden />} onChoose={() => onAsk("logOut")}>{t("operator.logOut")}</MenuItem>
          <MenuItem danger icon={<Trash2 aria-hidden />} onChoose={() => onAsk("erase")}>{t("operator.erase")}</MenuItem>
        </Menu>
      )}
    </li>
  );
};
