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
import { BUDGET, LIMITS, oneLine, pieces } from './limits.ts';

const MAX_INDENT = 8;

/** The lines of a card in pages that each fit a message; at least one page, which may be empty. */
export function factPages(card: Card): Rich[][] {
  const lines = cardLines(card).flatMap(({ depth, text: line }) =>
    line === ''
      ? [{ depth, text: ' ' }]
      : pieces(line, BUDGET.block_chars).map((part) => ({ depth, text: part })),
  );
  const pages: CardLine[][] = [[]];
  let left: { chars: number; lines: number } = { chars: BUDGET.facts_chars, lines: BUDGET.facts_lines };
  for (const line of lines) {
    if (left.lines === 0 || line.text.length > left.chars) {
      pages.push([]);
      left = { chars: BUDGET.facts_chars, lines: BUDGET.facts_lines };
    }
    pages.at(-1)?.push(line);
    left = { chars: left.chars - line.text.length, lines: left.lines - 1 };
  }
  return pages.map(blocksOf);
}

/** Lines as headings and indented lists, no block longer than its budget. */
function blocksOf(lines: readonly CardLine[]): Rich[] {
  const blocks: Rich[] = [];
  let size = Infinity;
  for (const line of lines) {
    if (size + line.text.length > BUDGET.block_chars) {
      blocks.push(rich());
      size = 0;
    }
    size += line.text.length;
    const parts = blocks.at(-1)?.elements ?? [];
    if (line.depth === 0) parts.push(paragraph(text(line.text, 'bold')));
    else addItem(parts, line);
  }
  return blocks;
}

function addItem(parts: RichPart[], { depth, text: line }: CardLine): void {
  const item = { type: 'rich_text_section' as const, elements: labelled(line) };
  const indent = Math.min(depth - 1, MAX_INDENT);
  const last = parts.at(-1);
  if (last?.type === 'rich_text_list' && last.indent === indent) last.elements.push(item);
  else parts.push({ type: 'rich_text_list', style: 'bullet', indent, elements: [item] });
}

/** The label stands out; where a label holds a colon itself only its beginning does, which is a matter of looks. */
function labelled(line: string): Run[] {
  const at = line.indexOf(': ');
  if (at <= 0 || at > 80) return [text(line)];
  return [text(line.slice(0, at + 1), 'bold'), text(line.slice(at + 1))];
}

/** The agent's words, framed as a quote; `cut` where they did not fit the card. */
export function saidBlocks(card: Card, budget: number = BUDGET.said_chars): { blocks: Rich[]; cut: boolean } {
  const stated = card.says.filter(({ lines }) => lines.length > 0);
  const silent = card.says.filter(({ lines }) => lines.length === 0).map(({ label }) => label);
  let left = budget;
  let isCut = false;
  const runs: Run[] = [];
  for (const { label, lines } of stated) {
    if (left <= 0) {
      isCut = true;
      break;
    }
    const said = lines.length > 1 ? lines.map((line) => `\n• ${line}`).join('') : ` ${lines[0] ?? ''}`;
    const [shown = ''] = pieces(said, left);
    runs.push(text(`${label}:`, 'bold'), text(`${shown}${shown.length < said.length ? '…' : ''}\n`));
    isCut ||= shown.length < said.length;
    left -= said.length;
  }
  if (silent.length > 0) runs.push(text(`Not stated: ${silent.join(', ')}`, 'italic'));
  const title = paragraph(text(`${nameIn(card.who.asks)} says`, 'bold'));
  return { blocks: runs.length === 0 ? [] : [rich(title, quote(...runs))], cut: isCut };
}

function nameIn(asks: string): string {
  return oneLine(asks, 80);
}

/** All of the agent's words in pages, for the review. */
export function saidPages(card: Card): Rich[][] {
  const whole = saidBlocks(card);
  if (!whole.cut) return [whole.blocks];
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
    pages
      .at(-1)
      ?.push(rich(paragraph(text(`${nameIn(card.who.asks)} says: ${label}`, 'bold')), quote(text(part))));
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
  if (fact === drawn) return { ...fact, rows: [], text: `${drawn.rows.length} rows, in the table` };
  return { ...fact, children: fact.children.map((child) => pointing(child, drawn)) };
}
