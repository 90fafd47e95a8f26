import type { ReactNode } from "react";

import { explain } from "../../shared/i18n/explain";
import { useT } from "../../shared/i18n/i18n";
import { Button } from "../../shared/ui/Button";
import { Notice } from "../../shared/ui/Notice";
import { Skeleton } from "../../shared/ui/Page";
import styles from "./Operator.module.css";

interface Props<Item> {
  pages: {
    error: unknown;
    isPending: boolean;
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    fetchNextPage: () => unknown;
    refetch: () => unknown;
  };
  items: readonly Item[] | undefined;
  /** Said when there is nothing to show. */
  empty: string;
  children: (item: Item) => ReactNode;
}

/** A list that comes page by page, with what is said while there is none. */
export function PagedList<Item>({ pages, items, empty, children }: Props<Item>): ReactNode {
  const t = useT();
  return (
    <>
      {pages.isPending && <Skeleton text={t("action.loading")} />}
      {Boolean(pages.error) && (
        <Notice look="danger" text={explain(pages.error)}>
          <Button onClick={() => void pages.refetch()}>{t("action.retry")}</Button>
        </Notice>
      )}
      {items?.length === 0 && <p className={styles.meta} role="status">{empty}</p>}
      <ul className={styles.list}>{items?.map(children)}</ul>
      {pages.hasNextPage && (
        <Button look="plain" className={styles.more} busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>{t("action.more")}</Button>
      )}
    </>
  );
}
