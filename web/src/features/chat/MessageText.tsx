import { memo, useState, type FC } from "react";

import { useT } from "../../shared/i18n/i18n";
import { copyText } from "../../shared/lib/copyText";
import { cx } from "../../shared/ui/cx";
import styles from "./MessageText.module.css";
import { isEmojiOnly, pieces, type Piece } from "./messageText";

/** What somebody wrote: text nodes, links to http addresses, code; never markup. */
export const MessageText = memo<{ text: string }>(function MessageText({ text }) {
  return (
    <div className={cx(styles.text, isEmojiOnly(text) && styles.emoji)} dir="auto">
      {pieces(text).map((piece, index) => drawn(piece, index))}
    </div>
  );
});

function drawn(piece: Piece, index: number) {
  switch (piece.kind) {
    case "text":
      return piece.text;
    case "link":
      return (
        <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer nofollow" referrerPolicy="no-referrer">
          {shownAddress(piece.text, piece.href)}
        </a>
      );
    case "code":
      return <Code key={index} text={piece.text} />;
  }
}

const Code: FC<{ text: string }> = ({ text }) => {
  const t = useT();
  const [copied, setCopied] = useState(false);
  return (
    <div className={styles.block} dir="ltr">
      <pre className={styles.code} tabIndex={0}>{text}</pre>
      <button type="button" className={styles.copy} onClick={() => void copyText(text).then(setCopied)}>
        {t(copied ? "action.copied" : "chat.copyCode")}
      </button>
    </div>
  );
};

/** The address as typed, followed by the host it really leads to where letters only look alike. */
function shownAddress(text: string, href: string): string {
  const { host } = new URL(href);
  return text.toLowerCase().includes(host) ? text : `${text} (${host})`;
}
