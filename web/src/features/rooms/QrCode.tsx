import { useMemo, type FC } from "react";
import { encode } from "uqr";

import styles from "./RoomForm.module.css";

const BORDER = 3;

/** Dark on light in both themes, since many cameras read nothing else. */
const QrCode: FC<{ text: string; label: string }> = ({ text, label }) => {
  const { size, path } = useMemo(() => {
    const code = encode(text, { border: BORDER });
    const dots = code.data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
    return { size: code.size, path: dots.join("") };
  }, [text]);
  return (
    <svg className={styles.qr} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#131110" />
    </svg>
  );
};

export default QrCode;
