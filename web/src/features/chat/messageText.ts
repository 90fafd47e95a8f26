/** How long a message may be: as people count, and as bytes. */
export const MAX_CHARACTERS = 4000;
const MAX_BYTES = 16 * 1024;

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const encoder = new TextEncoder();

/** What is sent for what was typed: without what no one sees and no server takes. */
export function cleaned(typed: string): string {
  return typed
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replace(/\r\n?/g, "\n")
    // eslint-disable-next-line no-control-regex -- exactly these are refused
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "")
    .replace(/^(?:[ \t]*\n)+/, "")
    .trimEnd();
}

/** How many characters may still be added; negative when there are too many. */
export function charactersLeft(text: string): number {
  const left = MAX_CHARACTERS - graphemes(text);
  // The byte limit bites only for long runs of rare characters; it is told in the same unit.
  const excess = encoder.encode(text).length - MAX_BYTES;
  return excess > 0 ? Math.min(left, -excess) : left;
}

function graphemes(text: string): number {
  // No character is longer than its text: short texts need not be cut up to be within the limit.
  if (text.length < MAX_CHARACTERS / 2) return text.length;
  return charactersIn(text);
}

function charactersIn(text: string): number {
  return Array.from(segmenter.segment(text)).length;
}

export type Piece =
  | { kind: "text"; text: string }
  | { kind: "link"; text: string; href: string }
  | { kind: "code"; text: string };

const CODE = /\n*```(?:[\w+-]*\n)?([\s\S]+?)\n?```\n*/g;
const ADDRESS = /\bhttps?:\/\/[^\s<>"'`]+/gi;
/** Ends a sentence rather than an address. */
const TRAILING = /[.,:;!?…»”’]+$/;

/** A message as text, links and code. Nothing in it is ever markup. */
export function pieces(text: string): Piece[] {
  return split(text, CODE, (match) => ({ kind: "code", text: match[1] ?? "" })).flatMap((piece) =>
    piece.kind === "text" ? split(piece.text, ADDRESS, linkPiece) : [piece],
  );
}

const EMOJI_ONLY = /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\s)+$/u;
const FEW = 6;
const LONGEST_FEW = 80;

/** Whether a message is nothing but a few emoji. */
export function isEmojiOnly(text: string): boolean {
  return /\p{Extended_Pictographic}/u.test(text) && text.length <= LONGEST_FEW && EMOJI_ONLY.test(text) && charactersIn(text.replace(/\s/g, "")) <= FEW;
}

function split(text: string, pattern: RegExp, make: (match: RegExpExecArray) => Piece | null): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const piece = make(match);
    if (!piece) continue;
    if (match.index > end) found.push({ kind: "text", text: text.slice(end, match.index) });
    found.push(piece);
    end = match.index + (piece.kind === "link" ? piece.text.length : match[0].length);
  }
  if (end < text.length) found.push({ kind: "text", text: text.slice(end) });
  return found;
}

function linkPiece([match]: RegExpExecArray): Piece | null {
  let text = match.replace(TRAILING, "");
  // A closing bracket belongs to the sentence unless the address has opened it.
  if (text.endsWith(")") && !text.includes("(")) text = text.slice(0, -1).replace(TRAILING, "");
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === "https:" || url.protocol === "http:" ? { kind: "link", text, href: url.href } : null;
}
