import type { FC, ReactNode } from "react";

import { cx } from "./cx";
import styles from "./Notice.module.css";

interface Props {
  look: "info" | "warning" | "danger";
  text: string;
  /** What a person can do about it. */
  children?: ReactNode;
}

/** A sentence that must not be missed; spoken once when it appears. */
export const Notice: FC<Props> = ({ look, text, children }) => (
  <div className={cx(styles.notice, styles[look])} role={look === "info" ? "status" : "alert"}>
    <p>{text}</p>
    {children}
  </div>
);
