/**
 * What a person wrote anew in a reply: without our own words below it, quotes and a signature.
 *
 * INVARIANT: what is cut is known to be old; a line of which that isn't known stays. Linear in the length of the text.
 * Left out: languages beyond English, German, French, Spanish and Japanese, whose headers stay as a line.
 */

/** Stands above everything in our mails: what is below is ours. */
const MARKER = /reply above this line/i;
const MAX_CHARS = 200_000;
const MAX_LINE_CHARS = 1_000;
/** "On … wrote:" may be wrapped. */
const MAX_INTRO_LINES = 3;

const INTROS = [
  /^On .{4,300} wrote:$/,
  /^Am .{4,300} schrieb .{1,200}:$/,
  /^Le .{4,300} a écrit ?:$/,
  /^El .{4,300} escribió:$/,
  /^\d{4}年\d{1,2}月\d{1,2}日.{0,300}[:：]$/,
  /^\d{4}\/\d{1,2}\/\d{1,2}.{0,300}(<[^>]{3,200}>|のメール|が書きました|wrote) ?[:：]$/,
];
const DIVIDERS = [
  /^-{2,} ?(Original Message|Forwarded message|Ursprüngliche Nachricht|Weitergeleitete Nachricht) ?-{2,}$/i,
  /^-{2,} ?(Message d.origine|Message original|Message transféré|Mensaje original|Mensaje reenviado) ?-{2,}$/i,
  /^-{2,} ?(元のメッセージ|転送メッセージ|Original-Nachricht|Urspr\. Nachricht) ?-{2,}$/i,
];
const FROM = /^\*?(From|Von|De|差出人) ?\*?[:：]/;
const SENT =
  /^\*?(Sent|Date|Gesendet|Datum|Envoyé|Date d.envoi|Enviado(?: el)?|Fecha|送信日時|日時) ?\*?[:：]/;
const TO = /^\*?(To|Subject|An|Betreff|À|A|Objet|Para|Asunto|宛先|件名) ?\*?[:：]/;
const FROM_A_PHONE =
  /^(Sent from (my|Outlook)|Get Outlook for|Von meinem .{1,40} gesendet|Gesendet mit|Envoyé de(puis)? mon|Enviado desde mi|iPhoneから送信)/i;

/** The new words of the text of a mail; empty where there are none. */
export function newWords(text: string): string {
  const lines = text
    .slice(0, MAX_CHARS)
    .replaceAll(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.slice(0, MAX_LINE_CHARS).replaceAll('\u00a0', ' '));
  const above = lines.slice(
    0,
    cutAt(lines, (line) => !isQuote(line) && MARKER.test(line)),
  );
  return tidy(unsigned(unquoted(above)));
}

/** Where something begins; the length where nothing does. */
function cutAt(lines: readonly string[], isIt: (line: string, n: number) => boolean): number {
  const at = lines.findIndex(isIt);
  return at < 0 ? lines.length : at;
}

function isQuote(line: string): boolean {
  return /^[>＞|]/.test(line.trimStart());
}

/**
 * Without what is quoted. Above a quote whose lines are marked only they and their header go, since some people write
 * below; from a header without marked lines on all of it is old.
 */
function unquoted(lines: readonly string[]): string[] {
  const kept: string[] = [];
  for (let n = 0; n < lines.length; n++) {
    const line = lines[n] ?? '';
    if (isQuote(line)) continue;
    const length = introAt(lines, n);
    if (length > 0) {
      const next = lines.slice(n + length).find((one) => one.trim() !== '');
      if (next === undefined || !isQuote(next)) return kept;
      n += length - 1;
      continue;
    }
    if (isDivider(lines, n)) return kept;
    kept.push(line);
  }
  return kept;
}

/** How many lines a header such as "On … wrote:" takes here; 0 for none. */
function introAt(lines: readonly string[], n: number): number {
  const first = lines[n]?.trim() ?? '';
  if (!/^(On|Am|Le|El) |^\d{4}[年/]/.test(first)) return 0;
  let joined = '';
  for (let length = 1; length <= MAX_INTRO_LINES; length++) {
    const more = lines[n + length - 1]?.trim();
    if (more === undefined || more === '') return 0;
    joined = joined === '' ? more : `${joined} ${more}`;
    if (INTROS.some((intro) => intro.test(joined))) return length;
  }
  return 0;
}

/** "-----Original Message-----", a long rule, or a block of header lines as Outlook writes it. */
function isDivider(lines: readonly string[], n: number): boolean {
  const line = lines[n]?.trim() ?? '';
  if (DIVIDERS.some((divider) => divider.test(line))) return true;
  const block = lines.slice(n, n + 6).map((one) => one.trim());
  const starts = (from: number) =>
    FROM.test(block[from] ?? '') &&
    block.slice(from + 1, from + 3).some((one) => SENT.test(one)) &&
    block.slice(from + 1, from + 5).some((one) => TO.test(one));
  if (/^_{10,}$/.test(line)) return block.slice(1, 3).some((_, k) => starts(k + 1));
  return starts(0);
}

function unsigned(lines: readonly string[]): string[] {
  const kept = lines.slice(
    0,
    cutAt(lines, (line) => line === '-- ' || line === '--'),
  );
  const last = kept.findLastIndex((line) => line.trim() !== '');
  return FROM_A_PHONE.test(kept[last]?.trim() ?? '') ? kept.slice(0, last) : kept;
}

function tidy(lines: readonly string[]): string {
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

const SILENT = ['style', 'script', 'head', 'title', 'template'];
/** Where mail programs begin the mail that is answered. */
const OLD_IN_HTML =
  /<blockquote|class="?(gmail_quote|yahoo_quoted|moz-cite-prefix|protonmail_quote)|id="?(divRplyFwdMsg|appendonsend|mail-editor-reference-message-container)/i;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  Auml: 'Ä',
  Ouml: 'Ö',
  Uuml: 'Ü',
  szlig: 'ß',
  eacute: 'é',
  egrave: 'è',
  agrave: 'à',
  ntilde: 'ñ',
  ccedil: 'ç',
};

/** The words of an HTML mail, for those that carry no text. */
export function htmlWords(html: string): string {
  const bare = SILENT.reduce(
    without,
    html.slice(0, MAX_CHARS).replaceAll(/<!--(?:(?!-->|<!--)[^])*-->/g, ''),
  );
  const old = OLD_IN_HTML.exec(bare)?.index ?? -1;
  const above = textIn(old < 0 ? bare : bare.slice(0, bare.lastIndexOf('<', old)));
  // Whoever wrote below the quote wrote all of it there.
  return above.trim() === '' && old >= 0 ? textIn(without(bare, 'blockquote')) : above;
}

function textIn(html: string): string {
  return html
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/<(?:br|\/p|\/div|\/tr|\/li|\/h[1-6])\b[^<>]*>/gi, '\n')
    .replaceAll(/<[^<>]*>/g, '')
    .replaceAll(
      /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi,
      (all, decimal?: string, hex?: string, name?: string) =>
        name === undefined
          ? character(Number.parseInt(decimal ?? hex ?? '', decimal ? 10 : 16))
          : (ENTITIES[name] ?? all),
    )
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
}

function character(code: number): string {
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : '';
}

/** Without an element and what is in it; one that doesn't end takes the rest along. */
function without(html: string, tag: string): string {
  // Letters beyond ASCII may change their length.
  const lower = html.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const kept: string[] = [];
  let at = 0;
  for (;;) {
    const start = lower.indexOf(`<${tag}`, at);
    const is_it = start >= 0 && !/[a-z0-9-]/.test(lower.charAt(start + tag.length + 1));
    if (start < 0) return kept.join('') + html.slice(at);
    const end = is_it ? lower.indexOf(`</${tag}`, start) : start + tag.length + 1;
    kept.push(html.slice(at, is_it ? start : end));
    if (end < 0) return kept.join('');
    const close = is_it ? lower.indexOf('>', end) : end - 1;
    if (close < 0) return kept.join('');
    at = close + 1;
  }
}
