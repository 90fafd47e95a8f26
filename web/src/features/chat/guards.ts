/** Looks for what gives a writer away. Everything here stays in the browser. */
import { pieces } from "./messageText";

export type FindingKind = "login" | "email" | "handle" | "phone" | "tracking" | "invisible" | "lookalike";

/** Something in a message that may tell who wrote it. */
export interface Finding {
  kind: FindingKind;
  /** The words in question, as they stand in the message; for what cannot be seen, how many there are. */
  what: string;
}

/** What others in the room do not know about the writer. */
export interface Secrets {
  login: string | null;
  email: string | null;
  /** Names of the writer in other rooms. */
  handles: readonly string[];
}

/** What in `text` may tell who wrote it, each kind once. */
export function findingsIn(text: string, secrets: Secrets): Finding[] {
  const withoutLinks = pieces(text).map((piece) => (piece.kind === "link" ? " " : piece.text)).join("");
  const invisible = invisibleIn(text);
  return [
    ...finding("email", secrets.email !== null && said(text, secrets.email) ? secrets.email : null),
    ...finding("login", secrets.login !== null && said(text, secrets.login) ? secrets.login : null),
    ...finding("handle", secrets.handles.find((handle) => said(text, handle))),
    ...finding("phone", phoneIn(withoutLinks)),
    ...finding("tracking", trackingIn(text).join(", ")),
    ...finding("invisible", invisible.length === 0 ? null : String(invisible.length)),
    ...finding("lookalike", mixedWordIn(withoutLinks)),
  ];
}

/** The text without tracking parameters and without characters that cannot be seen. */
export function withoutMarks(text: string): string {
  const plain = invisibleIn(text).reduceRight((left, { index, length, space }) => left.slice(0, index) + (space ? " " : "") + left.slice(index + length), text);
  return linksIn(plain).reduce((left, link) => left.replace(link, untracked(link)), plain);
}

function finding(kind: FindingKind, what: string | null | undefined): Finding[] {
  return what ? [{ kind, what }] : [];
}

/** Whether the words stand in the text, not as a part of longer ones. */
function said(text: string, words: string): boolean {
  const escaped = words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(" ", "\\s+");
  return new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, "iu").test(text);
}

const NUMBER = /(?<![\p{L}\p{N}.,:/-])\+?\(?\d[\d\s().-]{6,}\d(?![\p{L}\p{N}:/])/gu;
const DATE = /^(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[.-]\d{1,2}[.-]\d{2,4})(?!\d)/;
const AMOUNT = /^(?:\d{1,3}(?:[\s.]\d{3})+|\d+\.\d+)$/;
const FEWEST_DIGITS = 10;
const FEWEST_DIGITS_AFTER_PLUS = 7;
const MOST_DIGITS = 15;

function phoneIn(text: string): string | undefined {
  return text.match(NUMBER)?.find((match) => {
    const digits = match.replace(/\D/g, "").length;
    if (match.startsWith("+")) return digits >= FEWEST_DIGITS_AFTER_PLUS && digits <= MOST_DIGITS;
    return digits >= FEWEST_DIGITS && digits <= MOST_DIGITS && !DATE.test(match) && !AMOUNT.test(match);
  });
}

/** Parameters that tell a site who passed a link on, or where. */
const TRACKING =
  /^(?:utm_\w+|_openstat|_hs(?:enc|mi)|(?:fb|g|d|y|ys|ms|tw|tt|s)clid|(?:rb|ir)_?clickid|gbraid|wbraid|gad_source|igshid|igsh|mc_[ce]id|mkt_tok|oly_(?:anon|enc)_id|ref_(?:src|url)|s_cid|srsltid|vero_id|li_fat_id|epik|spm|share_id)$/i;
/** Names that mean the sharer on some sites, and something else elsewhere. */
const SHARERS: readonly (readonly [host: RegExp, parameter: RegExp])[] = [
  [/(?:^|\.)(?:youtu\.be|youtube\.com|spotify\.com)$/i, /^(?:si|feature)$/],
  [/(?:^|\.)(?:x|twitter)\.com$/i, /^[st]$/],
  [/(?:^|\.)tiktok\.com$/i, /^(?:_t|_r|is_from_webapp|sender_device)$/],
];

function linksIn(text: string): string[] {
  return pieces(text).flatMap((piece) => (piece.kind === "link" ? [piece.text] : []));
}

function tracks(url: URL, parameter: string): boolean {
  return TRACKING.test(parameter) || SHARERS.some(([host, name]) => host.test(url.hostname) && name.test(parameter));
}

function trackingIn(text: string): string[] {
  const found = linksIn(text).flatMap((link) => {
    const url = new URL(link);
    return [...url.searchParams.keys()].filter((parameter) => tracks(url, parameter));
  });
  return [...new Set(found)];
}

/** Takes parameters out of the link as it was typed, and leaves the rest of it alone. */
function untracked(link: string): string {
  const url = new URL(link);
  const [, address = link, query, fragment = ""] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/.exec(link) ?? [];
  if (query === undefined) return link;
  const kept = query.split("&").filter((pair) => !tracks(url, decodedName(pair)));
  return address + (kept.length > 0 ? `?${kept.join("&")}` : "") + fragment;
}

function decodedName(pair: string): string {
  return [...new URLSearchParams(pair).keys()][0] ?? "";
}

interface Invisible {
  index: number;
  length: number;
  /** It stands for a space, which stays. */
  space: boolean;
}

// eslint-disable-next-line no-misleading-character-class -- exactly these characters, each by itself
const HIDDEN = /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\u206a-\u206f\u2800\u3164\ufe00-\ufe0e\ufeff\uffa0\u{e0000}-\u{e007f}\u{e0100}-\u{e01ef}]|[\u00a0\u2000-\u200a\u202f\u205f\u3000]/gu;
const SPACE = /[\u00a0\u2000-\u200a\u202f\u205f\u2800\u3000]/;
/** Writing systems and sequences in which a joiner or a direction mark belongs to the spelling. */
const JOINING = /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gujarati}\p{Script=Gurmukhi}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}]$/u;
const EMOJI = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]$/u;
/** Flags of regions are spelled in letters that cannot be seen. */
const FLAG = /\u{1f3f4}[\u{e0020}-\u{e007e}]+\u{e007f}/gu;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;
/** Where French and other rules of typesetting want a space that does not break. */
const TYPESET = /^[?!:;»%€]/;

function invisibleIn(text: string): Invisible[] {
  const mixed = RIGHT_TO_LEFT.test(text);
  return Array.from(text.replace(FLAG, (flag) => "-".repeat(flag.length)).matchAll(HIDDEN)).flatMap(({ 0: character, index }) => {
    const before = text.slice(Math.max(0, index - 2), index);
    const after = text.slice(index + character.length, index + character.length + 4);
    if (belongs(character, before, after, mixed)) return [];
    return [{ index, length: character.length, space: SPACE.test(character) }];
  });
}

function belongs(character: string, before: string, after: string, rightToLeft: boolean): boolean {
  if (/[\u200c\u200d]/.test(character)) return JOINING.test(before) || (character === "\u200d" && EMOJI.test(before));
  if (/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(character)) return rightToLeft;
  if (/[\u00a0\u202f]/.test(character)) return /[«\d]$/.test(before) || TYPESET.test(after);
  return character === "\u3000" && /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3001-\u3003]/u.test(before + after);
}

const WORD = /[\p{L}\p{M}]+/gu;
/** Letters of one alphabet that look like letters of another. */
const LATIN_TWINS = /^[aceiopxyABCEHIKMOPTXY]+$/;
const CYRILLIC_TWINS = /^[асеіорхуАВСЕНІКМОРТХУ]+$/;
const GREEK_TWINS = /^[ονυικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ]+$/;

/** A word in which letters of another alphabet stand for those they look like. */
function mixedWordIn(text: string): string | undefined {
  return text.match(WORD)?.find((word) => {
    const latin = word.replace(/[^\p{Script=Latin}]/gu, "");
    const cyrillic = word.replace(/[^\p{Script=Cyrillic}]/gu, "");
    const greek = word.replace(/[^\p{Script=Greek}]/gu, "");
    if (cyrillic !== "" && latin !== "") return LATIN_TWINS.test(latin) || CYRILLIC_TWINS.test(cyrillic);
    return greek !== "" && latin !== "" && GREEK_TWINS.test(greek);
  });
}
