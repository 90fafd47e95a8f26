import { ArrowUp, Check, X } from "lucide-react";
import { useEffect, useLayoutEffect, useMemo, useRef, type FC, type KeyboardEvent, type RefObject } from "react";

import type { Room } from "../../shared/api/client";
import { t, useT } from "../../shared/i18n/i18n";
import { retentionPhrase } from "../../shared/i18n/retention";
import { enterBeginsLine } from "../../shared/lib/enterKey";
import { personalKey } from "../../shared/lib/personal";
import { AliasGlyph } from "../../shared/ui/AliasGlyph";
import { IconButton } from "../../shared/ui/Button";
import { cx } from "../../shared/ui/cx";
import { later } from "../../shared/ui/later";
import type { You } from "../../shared/protocol/frames";
import styles from "./Composer.module.css";
import { charactersLeft, cleaned } from "./messageText";
import type { Line } from "./timeline";
import { useDraft } from "./useDraft";
import { useGuard } from "./useGuard";
import { COMPOSER_ID } from "./useSlash";

/** What the typed text is for, besides a new message. */
export type Purpose = Reply | { kind: "edit"; line: Line } | null;

interface Reply {
  kind: "reply";
  seq: number;
  /** The message it answers, where that is loaded. */
  line: Line | undefined;
}

interface Props {
  room: Room | null;
  roomId: string;
  accountId: string;
  online: number;
  you: You | null;
  purpose: Purpose;
  onPurposeDone: () => void;
  onSend: (text: string, replyTo: number | null) => void;
  onEdit: (seq: number, text: string) => void;
  /** ↑ in an empty box. */
  onEditLast: () => void;
  onTyping: () => void;
  /** Asks who one is here and who can read what is said. */
  onExplain: () => void;
}

const GuardNotice = later(async () => (await import("./GuardNotice")).GuardNotice);

const COUNTED_FROM = 200;
/** Among fewer people than this it is easy to guess who wrote what. */
const CROWD = 5;

/**
 * Where one writes. Always usable: it neither waits for the network nor is emptied by it, since
 * whatever is sent moves into the list at once.
 */
export const Composer: FC<Props> = (props) => {
  const { purpose } = props;
  // An edit has a text of its own; the draft waits underneath.
  return purpose?.kind === "edit"
    ? <EditBox key={purpose.line.seq} {...props} line={purpose.line} />
    : <DraftBox {...props} reply={purpose} />;
};

const DraftBox: FC<Props & { reply: Reply | null }> = ({ reply, ...props }) => {
  const t = useT();
  const [text, setText] = useDraft(personalKey("draft", props.accountId, props.roomId));
  const send = (message: string): void => {
    props.onSend(message, reply?.seq ?? null);
    setText("");
    props.onPurposeDone();
  };
  return (
    <Box
      {...props}
      text={text}
      onCancel={props.onPurposeDone}
      onText={(typed) => {
        setText(typed);
        props.onTyping();
      }}
      onSubmit={send}
      submitLabel={t("chat.send")}
      context={reply && { seq: reply.seq, ...answered(reply.line), cancel: t("chat.cancelReply") }}
    />
  );
};

/** What of the answered message can be said above the answer. */
function answered(line: Line | undefined): Pick<Context, "title" | "text"> {
  if (!line) return { title: t("chat.reply"), text: t("chat.replyFar") };
  return { title: t("chat.replyingTo", { name: line.clientName }), text: line.deleted ? t("chat.replyGone") : line.text };
}

const EditBox: FC<Props & { line: Line }> = ({ line, ...props }) => {
  const t = useT();
  const [text, setText] = useDraft(`${personalKey("draft", props.accountId, props.roomId)}.${line.seq}`, line.text);
  const leave = (): void => {
    setText(line.text);
    props.onPurposeDone();
  };
  const save = (message: string): void => {
    if (message !== line.text) props.onEdit(line.seq, message);
    leave();
  };
  return (
    <Box
      {...props}
      text={text}
      onCancel={leave}
      onText={setText}
      onSubmit={save}
      submitLabel={t("chat.saveEdit")}
      editing
      context={{ seq: line.seq, title: t("chat.editing"), text: line.text, cancel: t("chat.cancelEdit") }}
    />
  );
};

interface BoxProps extends Pick<Props, "room" | "roomId" | "accountId" | "online" | "you" | "onEditLast" | "onExplain"> {
  text: string;
  onText: (text: string) => void;
  /** Called with a text that may be sent as it is. */
  onSubmit: (message: string) => void;
  onCancel: () => void;
  submitLabel: string;
  editing?: boolean;
  context: Context | null;
}

/** The message that what is typed has to do with. */
interface Context {
  seq: number;
  title: string;
  text: string;
  cancel: string;
}

const Box: FC<BoxProps> = (props) => {
  const { room, text, onText, onSubmit, onCancel, submitLabel, editing = false, context, onEditLast } = props;
  const t = useT();
  const field = useGrowingField(text, context?.seq);
  const message = useMemo(() => cleaned(text), [text]);
  const left = useMemo(() => charactersLeft(message), [message]);
  const ready = message !== "" && left >= 0;
  const guard = useGuard(message, props.accountId, props.roomId);

  const submit = (): void => {
    if (ready && guard.passes(message, () => field.current?.form?.requestSubmit())) onSubmit(message);
    field.current?.focus();
  };
  const goOn = (): void => {
    guard.forget();
    field.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (isComposing(event)) return;
    if (event.key === "Enter" && sends(event)) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && (guard.findings ?? context)) {
      event.stopPropagation();
      if (guard.findings) goOn();
      else onCancel();
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
      {guard.findings && (
        <GuardNotice
          text={message}
          findings={guard.findings}
          onSend={submit}
          onEdit={goOn}
          onText={(changed) => {
            onText(changed);
            field.current?.focus();
          }}
        />
      )}
      {context && (
        <div className={styles.context}>
          <p><b>{context.title}</b> <span className={styles.quoted} dir="auto">{context.text}</span></p>
          <IconButton label={context.cancel} onClick={onCancel}><X aria-hidden /></IconButton>
        </div>
      )}
      <div className={styles.box}>
        <textarea
          ref={field}
          id={COMPOSER_ID}
          className={styles.text}
          rows={1}
          dir="auto"
          value={text}
          aria-label={t("chat.composer")}
          aria-describedby="composer-foot"
          aria-invalid={left < 0 || undefined}
          placeholder={room ? t("chat.placeholder", { room: room.name }) : ""}
          enterKeyHint={enterSends() ? "send" : "enter"}
          onChange={(event) => onText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <IconButton type="submit" label={submitLabel} className={cx(styles.send, ready && styles.ready)}>
          {editing ? <Check aria-hidden /> : <ArrowUp aria-hidden />}
        </IconButton>
      </div>
      <Foot {...props} left={left} />
    </form>
  );
};

/** Who one is here, how long it is kept, how much room is left, and whether there is a crowd to hide in. */
const Foot: FC<Pick<BoxProps, "room" | "online" | "you" | "onExplain"> & { left: number }> = ({ room, online, you, onExplain, left }) => {
  const t = useT();
  return (
    <div id="composer-foot">
      <div className={styles.foot}>
        {you && (
          <button type="button" className={styles.me} title={t("chat.whoSees")} onClick={onExplain}>
            <AliasGlyph clientId={you.client_id} small /> {t("chat.as", { name: you.client_name })}
          </button>
        )}
        {room && <span className={styles.kept}>· {t(retentionPhrase(room.retention_in))}</span>}
        {left < COUNTED_FROM && (
          <span className={cx(styles.left, left < 0 && styles.over)}>
            {left < 0 ? t("chat.over", { count: -left }) : t("chat.left", { count: left })}
          </span>
        )}
      </div>
      {you && online > 0 && online < CROWD && <p className={styles.crowd}>{t("chat.crowd", { count: online })}</p>}
      <p className="visually-hidden" role="alert">{left < 0 ? t("chat.tooLong") : ""}</p>
    </div>
  );
};

/** The field is as high as its text, and is where typing goes on once a reply or an edit was chosen. */
function useGrowingField(text: string, about: number | undefined): RefObject<HTMLTextAreaElement | null> {
  const field = useRef<HTMLTextAreaElement>(null);
  // The style sheet says from when on it scrolls.
  useLayoutEffect(() => {
    const grow = (): void => {
      const { current } = field;
      if (!current) return;
      current.style.height = "auto";
      current.style.height = `${current.scrollHeight}px`;
    };
    grow();
    window.addEventListener("resize", grow);
    return () => window.removeEventListener("resize", grow);
  }, [text]);
  useEffect(() => {
    if (about !== undefined) field.current?.focus();
  }, [about]);
  return field;
}

/** Ctrl or ⌘ with Enter sends everywhere, Enter alone unless it begins a line. */
function sends(event: KeyboardEvent): boolean {
  return event.ctrlKey || event.metaKey || (!event.shiftKey && enterSends());
}

/** A phone's keyboard has no Shift with which to begin a line, and a person may have chosen otherwise. */
function enterSends(): boolean {
  return !window.matchMedia("(pointer: coarse)").matches && !enterBeginsLine();
}

/** Enter may only choose a word of an input method. Safari ends the composition too early, but says 229. */
function isComposing({ nativeEvent }: KeyboardEvent): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else tells in Safari
  return nativeEvent.isComposing || nativeEvent.keyCode === 229;
}
