/**
 * The facts and the agent's words of a card as rich text, in blocks that Slack takes.
 *
 * INVARIANT: every line of `cardLines` is in the blocks of some page, whole; the first page is what a card shows.
 * Left out: buttons and states (card-blocks.ts).
 */
import type { Card } from '../../server/core/card.ts';
import type { CardFact } from '../../server/core/card-facts.ts';
import { type CardLine, cardLines } from '../../server/core/card-lines.ts';
import { type Block, paragraph, quote, rich, type Rich, type RichPart, type Run, text } from './block-kit.ts';
import { BUDGET, counted, LIMITS, oneLine, pieces } from './limits.ts';

const MAX_INDENT = 8;

type PageSize = { chars: number; lines: number };
const WHOLE: PageSize = { chars: BUDGET.facts_chars, lines: BUDGET.facts_lines };

/** The lines of a card in pages that each fit a message; at least one page, which may be empty. */
export function linePages(card: Card, size: PageSize = WHOLE): CardLine[][] {
  const lines = cardLines(card).flatMap((line) =>
    line.text === ''
      ? [{ ...line, text: ' ' }]
      : pieces(line.text, BUDGET.block_chars).map((part, n) => ({
          ...line,
          text: part,
          label: n === 0 ? Math.min(line.label, part.length) : 0,
        })),
  );
  const pages: CardLine[][] = [[]];
  let left = size;
  for (const line of lines) {
    if (left.lines === 0 || line.text.length > left.chars) {
      pages.push([]);
      left = size;
    }
    pages.at(-1)?.push(line);
    left = { chars: left.chars - line.text.length, lines: left.lines - 1 };
  }
  return pages;
}

/** The same as blocks. */
export function factPages(card: Card): Rich[][] {
  return linePages(card).map(lineBlocks);
}

/** Lines as headings, indented lists and quoted texts, no block longer than its budget. */
export function lineBlocks(lines: readonly CardLine[]): Rich[] {
  const blocks: Rich[] = [];
  let size = Infinity;
  for (const line of lines) {
    if (size + line.text.length > BUDGET.block_chars) {
      blocks.push(rich());
      size = 0;
    }
    size += line.text.length + 1;
    const parts = blocks.at(-1)?.elements ?? [];
    if (line.kind === 'title') parts.push(paragraph(text(line.text, 'bold')));
    else if (line.kind === 'text') addText(parts, line.text);
    else addItem(parts, line);
  }
  return blocks;
}

/** The lines of one text stay together, as they are. */
function addText(parts: RichPart[], words: string): void {
  const last = parts.at(-1);
  if (last?.type === 'rich_text_quote') last.elements.push(text(`\n${words}`));
  else parts.push(quote(text(words)));
}

function addItem(parts: RichPart[], { depth, text: line, kind, label }: CardLine): void {
  // A bullet stands before it already.
  const words = kind === 'item' && line.startsWith('- ') ? line.slice(2) : line;
  const elements = label === 0 ? [text(words)] : labelled(words, label);
  const item = { type: 'rich_text_section' as const, elements };
  const indent = Math.min(depth - 1, MAX_INDENT);
  const last = parts.at(-1);
  if (last?.type === 'rich_text_list' && last.indent === indent) last.elements.push(item);
  else parts.push({ type: 'rich_text_list', style: 'bullet', indent, elements: [item] });
}

function labelled(line: string, label: number): Run[] {
  const value = line.slice(label);
  return [text(line.slice(0, label), 'bold'), ...(value === '' ? [] : [text(value)])];
}

/** What would follow; it is said last, next to the buttons. */
const FOLLOWS: ReadonlySet<string> = new Set(['happens', 'if_denied']);

/** The agent's words before and after the facts, framed as quotes; `cut` where they did not fit the card. */
export type SaidBlocks = { before: Rich[]; after: Rich[]; cut: boolean };

export function saidBlocks(card: Card, budget: number = BUDGET.said_chars): SaidBlocks {
  const name = nameIn(card.who.asks);
  const why = card.says.filter(({ kind }) => !FOLLOWS.has(kind));
  const follows = card.says.filter(({ kind }) => FOLLOWS.has(kind));
  const first = runsOf(why, budget);
  const second = runsOf(follows, budget - first.used);
  const silent = card.says.filter(({ lines }) => lines.length === 0).map(({ label }) => label);
  const missing = silent.length > 0 ? [text(`Not stated: ${silent.join(', ')}`, 'italic')] : [];
  const block = (title: string, runs: Run[]): Rich[] =>
    runs.length === 0 ? [] : [rich(paragraph(text(title, 'bold')), quote(...runs))];
  return {
    before: block(`${name} says`, first.runs),
    after: [
      ...block(`Consequences, as ${name} states them`, second.runs),
      ...(missing.length === 0 ? [] : [rich(paragraph(...missing))]),
    ],
    cut: first.cut || second.cut,
  };
}

function runsOf(says: Card['says'], budget: number): { runs: Run[]; used: number; cut: boolean } {
  const runs: Run[] = [];
  let left = budget;
  let cut = false;
  for (const { label, lines } of says) {
    if (lines.length === 0) continue;
    if (left <= 0) {
      cut = true;
      break;
    }
    const said = lines.length > 1 ? lines.map((line) => `\n• ${line}`).join('') : ` ${lines[0] ?? ''}`;
    const [shown = ''] = pieces(said, left);
    if (runs.length > 0) runs.push(text('\n'));
    runs.push(text(`${label}:`, 'bold'), text(`${shown}${shown.length < said.length ? '…' : ''}`));
    cut ||= shown.length < said.length;
    left -= said.length;
  }
  return { runs, used: budget - Math.max(left, 0), cut };
}

function nameIn(asks: string): string {
  return oneLine(asks, 80);
}

/** All of the agent's words in pages, for the review. */
export function saidPages(card: Card): Rich[][] {
  const whole = saidBlocks(card);
  if (!whole.cut) return [[...whole.before, ...whole.after]];
  // Made once: a name can be as long as any text.
  const name = nameIn(card.who.asks);
  const stated = card.says.filter(({ lines }) => lines.length > 0);
  const all = stated.flatMap(({ label, lines }) =>
    lines.flatMap((line) => pieces(line, BUDGET.block_chars - 100).map((part) => ({ label, part }))),
  );
  const pages: Rich[][] = [[]];
  let left: number = BUDGET.facts_chars;
  for (const { label, part } of all) {
    if (part.length > left || (pages.at(-1)?.length ?? 0) >= BUDGET.facts_lines) {
      pages.push([]);
      left = BUDGET.facts_chars;
    }
    pages.at(-1)?.push(rich(paragraph(text(`${name} says: ${label}`, 'bold')), quote(text(part))));
    left -= part.length;
  }
  return pages;
}

/** The first table that Slack can draw whole, and the card without its rows in the lines. */
export function tableOf(card: Card): { table: Block | null; rest: Card } {
  const fact = everyFact(card.facts).find(isDrawable);
  if (!fact) return { table: null, rest: card };
  const head = fact.columns.map((label) => cell(label));
  const rows = fact.rows.map((row) => row.map((one) => cell(one === null ? '–' : one.text)));
  const facts = card.facts.map((one) => pointing(one, fact));
  return { table: { type: 'table', rows: [head, ...rows] }, rest: { ...card, facts } };
}

function cell(words: string): { type: 'raw_text'; text: string } {
  return { type: 'raw_text', text: words === '' ? ' ' : words };
}

function everyFact(facts: readonly CardFact[]): CardFact[] {
  return facts.flatMap((fact) => [fact, ...everyFact(fact.children)]);
}

function isDrawable(fact: CardFact): boolean {
  const { rows, columns, kind } = fact;
  if (kind !== 'table' || rows.length === 0 || rows.length > BUDGET.table_rows) return false;
  if (columns.length === 0 || columns.length > LIMITS.table_cells) return false;
  const fits = (words: string): boolean => words.length <= BUDGET.table_cell_chars;
  return (
    columns.every(fits) &&
    rows.every((row) =>
      row.every(
        (one) =>
          one === null ||
          (one.text !== '' &&
            fits(one.text) &&
            one.was === null &&
            one.note === null &&
            one.change === null &&
            one.host === null),
      ),
    )
  );
}

function pointing(fact: CardFact, drawn: CardFact): CardFact {
  if (fact === drawn)
    return { ...fact, rows: [], text: `${counted(drawn.rows.length, 'row')}, in the table below` };
  return { ...fact, children: fact.children.map((child) => pointing(child, drawn)) };
}
