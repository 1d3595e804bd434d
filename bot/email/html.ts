/**
 * A mail as HTML: nested tables, inline styles, no images, no fonts or scripts of anybody.
 *
 * INVARIANT: every text is escaped, and no word of an agent becomes a link. INVARIANT: nothing is told by colour alone.
 * Colours are mid-tone borders on plain grounds, since some clients turn them round by themselves.
 */
import type { FactRow, Item, Mail, Part, Quoted } from './mail.ts';
import { REPLY_LINE } from './reply-line.ts';
import { escaped } from './words.ts';

const FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;";
const MONO = 'font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px;';
const INK = 'color:#1b1f24;';
const DIM = 'color:#57606a;';
const BREAK = 'word-break:break-word;overflow-wrap:anywhere;';

/** Grounds and inks of the dark form; clients without it show the light one, or turn that round themselves. */
const STYLE = `:root{color-scheme:light dark;supported-color-schemes:light dark}
body{margin:0;padding:0;width:100%;-webkit-text-size-adjust:100%}
a{color:#0b57d0}
@media (max-width:480px){.pad{padding-left:18px!important;padding-right:18px!important}.out{padding:0!important}.card{border-left:0!important;border-right:0!important;border-radius:0!important}}
@media (prefers-color-scheme:dark){.bg{background:#0d1014!important}.card{background:#171b21!important;border-color:#3a424d!important}.ink{color:#e8ebef!important}.dim{color:#a3adb9!important}.line{border-color:#343c47!important}.quiet{background:#1f252d!important}.btn{background:#8ab4f8!important;border-color:#8ab4f8!important}.btn a{color:#0d1014!important}a{color:#8ab4f8!important}
.t-success{border-color:#4caf7d!important;color:#8fdcb0!important}.t-info{border-color:#5b93e6!important;color:#a9c9ff!important}.t-warning{border-color:#c58a1d!important;color:#f3c469!important}.t-danger{border-color:#e0675c!important;color:#ffaaa2!important}.t-neutral{border-color:#7d8793!important;color:#c9d1da!important}}`;

/** Inks on white that are readable, with borders that stay visible on any ground. */
const TONES = {
  neutral: 'border-color:#8a939d;color:#424a53;',
  info: 'border-color:#4c8bf5;color:#174ea6;',
  success: 'border-color:#3d9a63;color:#17653a;',
  warning: 'border-color:#c58a1d;color:#7a4d00;',
  danger: 'border-color:#d0473c;color:#a1261c;',
} as const;

/** The whole document; below 100 kB. */
export function htmlOf(mail: Mail): string {
  const { mark, lead, title } = mail;
  const head = [
    ...(mail.replies
      ? [cell(`${FONT}${DIM}font-size:12px;padding-bottom:14px;`, 'dim', escaped(REPLY_LINE))]
      : []),
    ...(mark ? [cell('padding-bottom:10px;', '', badge(mark.word, mark.tone))] : []),
    ...(lead === null ? [] : [cell(`${FONT}${DIM}font-size:14px;padding-bottom:2px;`, 'dim', escaped(lead))]),
    cell(
      `${FONT}${INK}${BREAK}font-size:21px;line-height:1.3;font-weight:700;padding-bottom:12px;`,
      'ink',
      `<h1 style="margin:0;font-size:21px;line-height:1.3;">${escaped(title)}</h1>`,
    ),
  ];
  return `<!doctype html>
<html lang="en" dir="ltr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no"><title>${escaped(mail.subject)}</title><style>${STYLE}</style></head>
<body class="bg" style="margin:0;padding:0;background:#eef0f3;">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all;">${escaped(mail.preheader)}${'&#8199;&#65279;'.repeat(40)}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="bg" style="background:#eef0f3;"><tr><td align="center" class="out" style="padding:20px 8px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="card" style="max-width:600px;background:#ffffff;border:1px solid #d0d7de;border-radius:12px;border-collapse:separate;"><tr><td class="pad" style="padding:24px 28px;text-align:left;">
${table([...head, ...mail.parts.map(partHtml)])}
</td></tr></table>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:600px;"><tr><td class="pad" style="padding:14px 28px 24px;text-align:left;">
${table(mail.foot.map(footHtml))}
</td></tr></table>
</td></tr></table>
</body></html>
`;
}

function table(rows: readonly string[]): string {
  return `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">${rows.join('\n')}</table>`;
}

function cell(style: string, name: string, inside: string): string {
  return `<tr><td${name === '' ? '' : ` class="${name}"`} style="${style}">${inside}</td></tr>`;
}

function badge(word: string, tone: keyof typeof TONES): string {
  return `<span class="t-${tone}" style="${FONT}${TONES[tone]}display:inline-block;border-width:1px;border-style:solid;border-radius:999px;padding:3px 11px;font-size:13px;font-weight:700;">${escaped(word)}</span>`;
}

function footHtml({ text, url }: Mail['foot'][number]): string {
  const link = url === null ? '' : ` ${anchor(url, url)}`;
  return cell(
    `${FONT}${DIM}${BREAK}font-size:12px;line-height:1.5;padding-bottom:4px;`,
    'dim',
    `${escaped(text)}${link}`,
  );
}

function anchor(url: string, words: string): string {
  return `<a href="${escaped(url)}" style="${BREAK}">${escaped(words)}</a>`;
}

const BODY = `${FONT}${INK}${BREAK}font-size:15px;line-height:1.5;padding-bottom:8px;`;

function partHtml(part: Part): string {
  switch (part.part) {
    case 'text':
      return cell(BODY, 'ink', lines(part.text));
    case 'strong':
      return cell(`${BODY}font-weight:700;`, 'ink', `<strong>${lines(part.text)}</strong>`);
    case 'small':
      return cell(
        `${FONT}${DIM}${BREAK}font-size:13px;line-height:1.5;padding-bottom:8px;`,
        'dim',
        lines(part.text),
      );
    case 'note':
      return cell('padding:4px 0 10px;', '', note(part.text, part.tone));
    case 'button':
      return cell('padding:10px 0 16px;', '', button(part));
    case 'link':
      return cell(BODY, 'ink', `${anchor(part.url, part.text)}<br>${small(part.url)}`);
    case 'quote':
      return cell('padding:6px 0 14px;', '', quoteHtml(part));
    case 'facts':
      return cell('padding:4px 0 10px;', '', factsHtml(part.title, part.rows));
    case 'changes': {
      const rows = part.changes.map(({ label, from, to }): FactRow => ({
        row: 'fact',
        depth: 0,
        label,
        value: `${from} → ${to}`,
        mono: false,
        marks: [],
      }));
      return cell('padding:4px 0 10px;', '', factsHtml(part.title, rows));
    }
    case 'code':
      return cell(
        'padding:6px 0 14px;',
        '',
        `<span class="ink quiet line" style="${MONO}${INK}display:inline-block;font-size:28px;letter-spacing:4px;font-weight:700;background:#f3f5f7;border:1px solid #8a939d;border-radius:8px;padding:10px 18px;">${escaped(part.code)}</span>`,
      );
    case 'items':
      return cell('padding:2px 0 8px;', '', table(part.items.map(itemHtml)));
    default:
      return part satisfies never;
  }
}

/** Line ends are kept; spaces at the start of a line too. */
function lines(text: string): string {
  return text
    .split('\n')
    .map((line) => escaped(line).replace(/^ +/, (spaces) => '&nbsp;'.repeat(spaces.length)))
    .join('<br>');
}

function small(text: string): string {
  return `<span class="dim" style="${FONT}${DIM}${BREAK}font-size:12px;line-height:1.5;">${escaped(text)}</span>`;
}

function note(text: string, tone: keyof typeof TONES): string {
  return `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="t-${tone}" style="${FONT}${BREAK}${TONES[tone]}border-width:0 0 0 4px;border-style:solid;padding:3px 0 3px 12px;font-size:14px;line-height:1.5;font-weight:600;">${lines(text)}</td></tr></table>`;
}

/** A button made of padding and borders, which every client draws; its address stands below it in full. */
function button({ label, url }: { label: string; url: string }): string {
  return `<table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr><td class="btn" style="background:#0b57d0;border:1px solid #0b57d0;border-radius:8px;"><a href="${escaped(url)}" style="${FONT}display:inline-block;padding:13px 26px;font-size:16px;font-weight:700;color:#ffffff;text-decoration:none;">${escaped(label)}</a></td></tr></table>
<div style="padding-top:8px;">${small('Or open:')} <span class="dim" style="${FONT}${DIM}${BREAK}font-size:12px;line-height:1.5;">${escaped(url)}</span></div>`;
}

function quoteHtml({ title, said, silent }: Part & { part: 'quote' }): string {
  const one = ({ label, lines: texts }: Quoted): string => {
    const words =
      texts.length > 1 ? texts.map((text) => `• ${lines(text)}`).join('<br>') : lines(texts[0] ?? '');
    const name =
      label === null ? '' : `<span class="dim" style="${DIM}font-size:13px;">${escaped(label)}</span><br>`;
    return cell(
      `${FONT}${INK}${BREAK}font-size:15px;line-height:1.5;padding:4px 0;`,
      'ink',
      `${name}${words}`,
    );
  };
  const rows = [
    cell(`${FONT}${DIM}${BREAK}font-size:13px;font-weight:700;padding-bottom:2px;`, 'dim', escaped(title)),
    ...said.map(one),
    ...(silent === null
      ? []
      : [cell(`${FONT}${DIM}font-size:13px;font-style:italic;padding:2px 0;`, 'dim', escaped(silent))]),
  ];
  return `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="quiet line" style="background:#f6f7f9;border-left:4px solid #8a939d;padding:10px 14px;">${table(rows)}</td></tr></table>`;
}

function factsHtml(title: string, rows: readonly FactRow[]): string {
  const heading = `<tr><td colspan="2" class="ink line" style="${FONT}${INK}font-size:14px;font-weight:700;padding:8px 0 6px;border-bottom:1px solid #c3cad2;"><h2 style="margin:0;font-size:14px;">${escaped(title)}</h2></td></tr>`;
  return `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">${heading}${rows.map(rowHtml).join('\n')}</table>`;
}

function rowHtml(row: FactRow): string {
  const indent = Math.min(row.depth, 5) * 14;
  const edge = `padding:6px 8px 6px ${indent}px;border-bottom:1px solid #e4e8ec;vertical-align:top;`;
  const wide = (inside: string): string =>
    `<tr><td colspan="2" class="ink line" style="${FONT}${INK}${BREAK}font-size:14px;line-height:1.45;${edge}">${inside}</td></tr>`;
  switch (row.row) {
    case 'head':
      return wide(`<strong>${escaped(row.text)}</strong>`);
    case 'item':
      return wide(`• ${lines(row.value)}${marks(row.marks)}`);
    case 'table':
      return wide(grid(row.columns, row.cells));
    case 'fact':
      return factHtml(row, edge);
    default:
      return row satisfies never;
  }
}

/** Label and value side by side; text of several lines and code get all of the width. */
function factHtml({ label, value, mono, marks: remarks }: FactRow & { row: 'fact' }, edge: string): string {
  const words = `${value === '' ? '–' : lines(value)}${marks(remarks)}`;
  const font = mono ? MONO : `${FONT}font-size:14px;`;
  if (mono || value.includes('\n'))
    return `<tr><td colspan="2" class="ink line" style="${font}${INK}${BREAK}line-height:1.45;${edge}"><span class="dim" style="${FONT}${DIM}font-size:14px;">${escaped(label)}:</span><br>${words}</td></tr>`;
  return `<tr><td width="34%" class="dim line" style="${FONT}${DIM}${BREAK}font-size:14px;line-height:1.45;${edge}">${escaped(label)}:</td><td class="ink line" style="${font}${INK}${BREAK}line-height:1.45;padding:6px 0;border-bottom:1px solid #e4e8ec;vertical-align:top;">${words}</td></tr>`;
}

function marks(texts: readonly string[]): string {
  return texts.length === 0 ? '' : ` ${small(`(${texts.join('; ')})`)}`;
}

function grid(columns: readonly string[], cells: readonly string[][]): string {
  const td = (tag: string, text: string, style: string): string =>
    `<${tag} class="ink line" style="${FONT}${INK}${BREAK}font-size:13px;text-align:left;padding:4px 8px 4px 0;border-bottom:1px solid #e4e8ec;vertical-align:top;${style}">${escaped(text)}</${tag}>`;
  const head = columns.map((name) => td('th', name, 'font-weight:700;')).join('');
  const rows = cells.map((row) => `<tr>${row.map((text) => td('td', text, '')).join('')}</tr>`);
  return `<table width="100%" cellpadding="0" cellspacing="0" border="0"><tr>${head}</tr>${rows.join('')}</table>`;
}

function itemHtml({ mark, tone, title, when, url }: Item): string {
  return cell(
    `${FONT}${INK}${BREAK}font-size:15px;line-height:1.5;padding:12px 0;border-bottom:1px solid #c3cad2;`,
    'ink line',
    `${badge(mark, tone)}<br><strong>${escaped(title)}</strong><br>${small(when)}<br>${anchor(url, 'Review')}<br>${small(url)}`,
  );
}
