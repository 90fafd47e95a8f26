import { ArrowUp, Check, X } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState, type FC, type KeyboardEvent } from "react";

import type { Room } from "../../shared/api/client";
import { useT } from "../../shared/i18n/i18n";
import { retentionPhrase } from "../../shared/i18n/retention";
import { AliasGlyph } from "../../shared/ui/AliasGlyph";
import { IconButton } from "../../shared/ui/Button";
import { cx } from "../../shared/ui/cx";
import type { You } from "../../shared/protocol/frames";
import styles from "./Composer.module.css";
import { charactersLeft, cleaned } from "./messageText";
import type { Line } from "./timeline";
import { useDraft } from "./useDraft";

/** What the typed text is for, besides a new message. */
export type Purpose = { kind: "reply"; line: Line } | { kind: "edit"; line: Line } | null;

interface Props {
  room: Room | null;
  you: You | null;
  draftKey: string;
  purpose: Purpose;
  onPurposeDone: () => void;
  onSend: (text: string, replyTo: number | null) => void;
  onEdit: (seq: number, text: string) => void;
  /** ↑ in an empty box. */
  onEditLast: () => void;
  onTyping: () => void;
}

const COUNTED_FROM = 200;

/**
 * Where one writes. Always usable: it neither waits for the network nor is emptied by it, since
 * whatever is sent moves into the list at once.
 */
export const Composer: FC<Props> = (props) => {
  const { purpose } = props;
  // An edit has a text of its own; the draft waits underneath.
  return purpose?.kind === "edit"
    ? <EditBox key={purpose.line.seq} {...props} line={purpose.line} />
    : <DraftBox {...props} replyTo={purpose?.line ?? null} />;
};

const DraftBox: FC<Props & { replyTo: Line | null }> = ({ draftKey, replyTo, ...props }) => {
  const t = useT();
  const [text, setText] = useDraft(draftKey);
  const send = (message: string): void => {
    props.onSend(message, replyTo?.seq ?? null);
    setText("");
    props.onPurposeDone();
  };
  return (
    <Box
      {...props}
      text={text}
      onText={(typed) => {
        setText(typed);
        props.onTyping();
      }}
      onSubmit={send}
      submitLabel={t("chat.send")}
      context={replyTo && { title: t("chat.replyingTo", { name: replyTo.clientName }), text: replyTo.text, cancel: t("chat.cancelReply") }}
    />
  );
};

const EditBox: FC<Props & { line: Line }> = ({ line, ...props }) => {
  const t = useT();
  const [text, setText] = useState(line.text);
  const save = (message: string): void => {
    if (message !== line.text) props.onEdit(line.seq, message);
    props.onPurposeDone();
  };
  return (
    <Box
      {...props}
      text={text}
      onText={setText}
      onSubmit={save}
      submitLabel={t("chat.saveEdit")}
      editing
      context={{ title: t("chat.editing"), text: line.text, cancel: t("chat.cancelEdit") }}
    />
  );
};

interface BoxProps extends Pick<Props, "room" | "you" | "onPurposeDone" | "onEditLast"> {
  text: string;
  onText: (text: string) => void;
  onSubmit: (message: string) => void;
  submitLabel: string;
  editing?: boolean;
  context: { title: string; text: string; cancel: string } | null;
}

const Box: FC<BoxProps> = ({ room, you, text, onText, onSubmit, submitLabel, editing = false, context, onPurposeDone, onEditLast }) => {
  const t = useT();
  const field = useRef<HTMLTextAreaElement>(null);
  const message = cleaned(text);
  const left = charactersLeft(message);
  const ready = message !== "" && left >= 0;

  // As high as its text; the style sheet says from when on it scrolls.
  useLayoutEffect(() => {
    const { current } = field;
    if (!current) return;
    current.style.height = "auto";
    current.style.height = `${current.scrollHeight}px`;
  }, [text]);
  // A reply or an edit was chosen elsewhere: typing goes on here.
  const contextTitle = context?.title;
  useEffect(() => {
    if (contextTitle !== undefined) field.current?.focus();
  }, [contextTitle]);

  const submit = (): void => {
    if (ready) onSubmit(message);
    field.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (isComposing(event)) return;
    if (event.key === "Enter" && sends(event)) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && context) {
      event.stopPropagation();
      onPurposeDone();
    } else if (event.key === "ArrowUp" && text === "" && !context) {
      event.preventDefault();
      onEditLast();
    }
  };

  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {context && (
        <div className={styles.context}>
          <p><b>{context.title}</b> <span className={styles.quoted} dir="auto">{context.text}</span></p>
          <IconButton label={context.cancel} onClick={onPurposeDone}><X aria-hidden /></IconButton>
        </div>
      )}
      <div className={styles.box}>
        <textarea
          ref={field}
          className={styles.text}
          rows={1}
          dir="auto"
          value={text}
          aria-label={t("chat.composer")}
          aria-describedby="composer-foot"
          placeholder={room ? t("chat.placeholder", { room: room.name }) : ""}
          enterKeyHint={isTouch() ? "enter" : "send"}
          onChange={(event) => onText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <IconButton type="submit" label={submitLabel} className={cx(styles.send, ready && styles.ready)}>
          {editing ? <Check aria-hidden /> : <ArrowUp aria-hidden />}
        </IconButton>
      </div>
      <div className={styles.foot} id="composer-foot">
        {you && <span className={styles.me}><AliasGlyph clientId={you.client_id} small /> {t("chat.as", { name: you.client_name })}</span>}
        {room && <span className={styles.kept}>· {t(retentionPhrase(room.retention_in))}</span>}
        {left < COUNTED_FROM && (
          <span className={cx(styles.left, left < 0 && styles.over)} role={left < 0 ? "alert" : undefined}>
            {left < 0 ? t("chat.over", { count: -left }) : t("chat.left", { count: left })}
          </span>
        )}
      </div>
    </form>
  );
};

/** Enter sends where there is a keyboard with a Shift key; Ctrl or ⌘ with Enter sends everywhere. */
function sends(event: KeyboardEvent): boolean {
  return event.ctrlKey || event.metaKey || (!event.shiftKey && !isTouch());
}

/** Enter may only choose a word of an input method. Safari ends the composition too early, but says 229. */
function isComposing({ nativeEvent }: KeyboardEvent): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else tells in Safari
  return nativeEvent.isComposing || nativeEvent.keyCode === 229;
}

function isTouch(): boolean {
  return window.matchMedia("(pointer: coarse)").matches;
}
