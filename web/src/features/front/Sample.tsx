import type { FC } from "react";

import { useT } from "../../shared/i18n/i18n";
import { AliasGlyph } from "../../shared/ui/AliasGlyph";
import { aliasLook } from "../../shared/ui/aliasLook";
import { cx } from "../../shared/ui/cx";
import styles from "./FrontPage.module.css";

/** A conversation as it looks inside, drawn with the same signs and colours. */
export const Sample: FC = () => {
  const t = useT();
  return (
    <figure className={styles.sample} aria-label={t("front.sampleLabel")}>
      <div className={styles.sampleHead}>
        <p>{t("front.sampleRoom")}</p>
        <p className={styles.meta}>{t("front.sampleMeta")}</p>
      </div>
      <Said name={t("front.nameA")} text={t("front.sampleA")} />
      <Said name={t("front.nameB")} text={t("front.sampleB")} />
      <p className={styles.own}>{t("front.sampleC")}</p>
      <Said name={t("front.nameA")} text={t("front.sampleD")} />
      <p className={styles.me}><AliasGlyph clientId="Quiet Heron" small /> {t("front.sampleYou")}</p>
    </figure>
  );
};

const Said: FC<{ name: string; text: string }> = ({ name, text }) => (
  <div className={styles.other}>
    <AliasGlyph clientId={name} />
    <p className={cx(styles.name, aliasLook(name).ink)}>{name}</p>
    <p>{text}</p>
  </div>
);
