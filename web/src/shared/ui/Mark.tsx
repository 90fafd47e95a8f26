import type { FC } from "react";

import styles from "./Mark.module.css";

/** The product's sign: three shapes, close together. */
export const Mark: FC = () => (
  <svg className={styles.mark} viewBox="12 12 40 42" aria-hidden>
    <circle className={styles.one} cx="24" cy="25" r="10" />
    <path className={styles.two} d="M40 15.500 50 33H30z" />
    <rect className={styles.three} x="23" y="37" width="16" height="16" rx="2.500" />
  </svg>
);
