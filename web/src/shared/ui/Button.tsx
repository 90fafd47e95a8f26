import type { ButtonHTMLAttributes, FC, ReactNode, Ref } from "react";
import { Link, type LinkProps } from "react-router";

import styles from "./Button.module.css";
import { cx } from "./cx";

type Look = "primary" | "quiet" | "plain" | "danger";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  wide?: boolean;
  /** Something is under way: a second press does nothing, the focus stays. */
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export const Button: FC<Props> = ({ look = "quiet", wide, busy = false, className, onClick, type = "button", ...rest }) => (
  <button
    {...rest}
    type={type}
    aria-disabled={busy || undefined}
    className={cx(styles.button, styles[look], wide && styles.wide, className)}
    onClick={(event) => {
      if (busy) event.preventDefault();
      else onClick?.(event);
    }}
  />
);

/** A link that looks like a button. */
export const ButtonLink: FC<LinkProps & { look?: Look; wide?: boolean }> = ({ look = "quiet", wide, className, ...rest }) => (
  <Link {...rest} className={cx(styles.button, styles[look], wide && styles.wide, className)} />
);

interface IconProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** What the button does, for those who cannot see the icon. */
  label: string;
  children: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

export const IconButton: FC<IconProps> = ({ label, className, type = "button", ...rest }) => (
  <button {...rest} type={type} aria-label={label} title={label} className={cx(styles.icon, className)} />
);

/** A link that looks like an icon button. */
export const IconLink: FC<LinkProps & { label: string }> = ({ label, className, ...rest }) => (
  <Link {...rest} aria-label={label} title={label} className={cx(styles.icon, className)} />
);
