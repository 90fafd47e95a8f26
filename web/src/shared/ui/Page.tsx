import type { FC, ReactNode } from "react";

import styles from "./Page.module.css";

/** The column of a page that is read from top to bottom. */
export const Page: FC<{ children: ReactNode }> = ({ children }) => <div className={styles.page}>{children}</div>;

interface SectionProps {
  title: string;
  hint?: string;
  children: ReactNode;
}

export const Section: FC<SectionProps> = ({ title, hint, children }) => (
  <section className={styles.section}>
    <h2>{title}</h2>
    {hint !== undefined && <p className={styles.quiet}>{hint}</p>}
    {children}
  </section>
);

interface EmptyProps {
  title: string;
  hint: string;
  /** What to do next. */
  children?: ReactNode;
}

/** A screen with one thing to say. */
export const Empty: FC<EmptyProps> = ({ title, hint, children }) => (
  <div className={styles.empty}>
    <h1>{title}</h1>
    <p>{hint}</p>
    {children}
  </div>
);

export const Loading: FC<{ text: string }> = ({ text }) => (
  <p className={styles.spinner} role="status">
    <span className={styles.dot} aria-hidden />
    {text}
  </p>
);

const SKELETON_ROWS = 4;

/** The place that a list will take once it is loaded. */
export const Skeleton: FC<{ text: string }> = ({ text }) => (
  <div className={styles.skeleton} role="status">
    <span className="visually-hidden">{text}</span>
    {Array.from({ length: SKELETON_ROWS }, (_, row) => <span key={row} className={styles.bone} aria-hidden />)}
  </div>
);
