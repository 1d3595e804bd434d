/**
 * A mail as plain text that stands alone: every fact of the HTML, in the same order.
 * INVARIANT: what somebody else wrote is set off by a bar, on every line of it.
 */
import type { FactRow, Mail, Part, Quoted } from './mail.ts';
import { REPLY_LINE } from './reply-line.ts';

const WIDTH = 76;

export function textOf(mail: Mail): string {
  const { mark, lead, title } = mail;
  const blocks = [
    ...(mail.replies ? [REPLY_LINE] : []),
    [...(mark ? [`[${mark.word}]`] : []), ...(lead === null ? [] : [lead]), ...wrapped(title, '')].join('\n'),
    ...mail.parts.map(partText),
    [
      '-- ',
      ...mail.foot.flatMap(({ text, url }) =>
        url === null ? wrapped(text, '') : [...wrapped(text, ''), url],
      ),
    ].join('\n'),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function partText(part: Part): string {
  switch (part.part) {
    case 'text':
    case 'strong':
    case 'small':
      return wrapped(part.text, '').join('\n');
    case 'note':
      return wrapped(part.text, '! ').join('\n');
    case 'button':
    case 'link':
      return `${part.part === 'button' ? part.label : part.text}:\n${part.url}`;
    case 'quote':
      return quoteText(part);
    case 'facts':
      return [part.title.toUpperCase(), ...part.rows.flatMap(rowText)].join('\n');
    case 'changes':
      return [
        part.title.toUpperCase(),
        ...part.changes.map(({ label, from, to }) => `  ${label}: ${from} → ${to}`),
      ].join('\n');
    case 'code':
      return `    ${part.code}`;
    case 'items':
      return part.items
        .map(({ mark, title, when, url }) => [`[${mark}]`, ...wrapped(title, ''), when, url].join('\n'))
        .join('\n\n');
    default:
      return part satisfies never;
  }
}

function quoteText({ title, said, silent }: Part & { part: 'quote' }): string {
  const one = ({ label, lines }: Quoted): string[] => {
    const bullets = lines.length > 1 ? lines.map((line) => `- ${line}`) : lines;
    const name = label === null ? [] : [`| ${label}:`];
    return [...name, ...bullets.flatMap((line) => wrapped(line, label === null ? '| ' : '|   '))];
  };
  return [`${title}:`, ...said.flatMap(one), ...(silent === null ? [] : wrapped(silent, '| '))].join('\n');
}

function rowText(row: FactRow): string[] {
  const indent = '  '.repeat(row.depth + 1);
  switch (row.row) {
    case 'head':
      return [`${indent}${row.text}:`];
    case 'item':
      return hanging(`${indent}- `, `${row.value}${tail(row.marks)}`);
    case 'fact':
      return hanging(`${indent}${row.label}: `, `${row.value === '' ? '–' : row.value}${tail(row.marks)}`);
    case 'table':
      return row.cells.map(
        (cells) => `${indent}- ${cells.map((text, n) => `${row.columns[n] ?? ''}: ${text}`).join('; ')}`,
      );
    default:
      return row satisfies never;
  }
}

function tail(marks: readonly string[]): string {
  return marks.length === 0 ? '' : ` (${marks.join('; ')})`;
}

/** A value of several lines stands below its label. */
function hanging(head: string, value: string): string[] {
  const [first = '', ...more] = value.split('\n');
  if (more.length === 0) return [`${head}${first}`.trimEnd()];
  const indent = `${/^ */.exec(head)?.[0] ?? ''}  `;
  return [head.trimEnd(), ...value.split('\n').map((line) => `${indent}${line}`.trimEnd())];
}

/** Prose in lines of at most 76 characters where its words allow it; an address is never broken. */
function wrapped(text: string, bar: string): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const done: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && bar.length + line.length + 1 + word.length > WIDTH) {
        done.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    return [...done, line].map((one) => `${bar}${one}`.trimEnd());
  });
}
