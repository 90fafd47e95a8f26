import { memo, type ReactNode } from "react";

import styles from "./AliasGlyph.module.css";
import { aliasLook } from "./aliasLook";
import { cx } from "./cx";

const SHAPES: readonly ReactNode[] = [
  <circle key="circle" cx="12" cy="12" r="10" />,
  <rect key="square" x="3" y="3" width="18" height="18" rx="3" />,
  <path key="triangle" d="M12 2.500 22.500 21h-21z" strokeLinejoin="round" />,
  <path key="diamond" d="M12 1 23 12 12 23 1 12z" />,
  <path key="hexagon" d="M12 1.500 21.500 6.750v10.500L12 22.500 2.500 17.250V6.750z" />,
  <path key="drop" d="M2.500 2.500H12A9.500 9.500 0 1 1 2.500 12z" />,
  <path key="arch" d="M2.500 22V11.500a9.500 9.500 0 0 1 19 0V22z" />,
  <path key="cross" d="M8 2h8v6h6v8h-6v6H8v-6H2V8h6z" />,
];

const CUTS: readonly ReactNode[] = [
  null,
  <circle key="dot" cx="12" cy="13" r="3.600" fill="var(--color-page)" />,
  <rect key="bar" x="6" y="11" width="12" height="4" rx="1" fill="var(--color-page)" />,
];

interface Props {
  clientId: string;
  small?: boolean;
}

/** The geometric sign of an alias; its name always stands beside it. */
export const AliasGlyph = memo<Props>(function AliasGlyph({ clientId, small }) {
  const look = aliasLook(clientId);
  return (
    <svg className={cx(styles.glyph, small && styles.small, look.ink)} viewBox="0 0 24 24" fill="currentColor" aria-hidden>
      {SHAPES[look.shape]}
      {CUTS[look.cut]}
    </svg>
  );
});
