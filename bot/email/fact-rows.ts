/**
 * The facts of a card as rows of a mail, in the order of the card.
 *
 * INVARIANT: every fact is in the rows or in the count of what is left out. INVARIANT: a masked value is never in them,
 * since its fact has no text of it.
 * Left out: looks (html.ts, text.ts).
 */
import type { Card } from '../../server/core/card.ts';
import type { CardFact } from '../../server/core/card-facts.ts';
import { jsonText } from '../../server/core/card-text.ts';
import type { FactRow, Part } from './mail.ts';
import { fitted, weightOf } from './words.ts';

/** A mail above 100 kB is clipped by some clients; a row's own HTML takes a part of that. */
const BUDGET = { bytes: 22_000, rows: 110, value_bytes: 4_000 };
/** A table that a phone can show. */
const TABLE = { columns: 4, rows: 12, cell_chars: 24, chars: 36 };
const MONO: readonly CardFact['kind'][] = ['code', 'json', 'diff'];

/** Groups of rows, and how many rows did not fit. */
export function factParts(card: Card): { parts: Part[]; left_out: number } {
  const groups: [title: string, facts: readonly CardFact[]][] = [
    ['Details', card.facts],
    ['What is sent', card.request],
    ['Context', card.context],
  ];
  let left = { bytes: BUDGET.bytes, rows: BUDGET.rows };
  let left_out = 0;
  const parts = groups.flatMap(([title, facts]): Part[] => {
    const rows: FactRow[] = [];
    for (const row of facts.flatMap((fact) => rowsOf(fact, 0))) {
      const fitting = withinBudget(row, left.bytes);
      if (left.rows <= 0 || fitting === null) {
        left = { bytes: 0, rows: 0 };
        left_out++;
        continue;
      }
      left = { bytes: left.bytes - rowWeight(fitting.row), rows: left.rows - rowsIn(fitting.row) };
      if (fitting.cut) left_out++;
      rows.push(fitting.row);
    }
    return rows.length === 0 ? [] : [{ part: 'facts', title, rows }];
  });
  return { parts, left_out };
}

function rowsIn(row: FactRow): number {
  return row.row === 'table' ? row.cells.length + 1 : 1;
}

function rowWeight(row: FactRow): number {
  const texts = textsOf(row);
  return texts.reduce((sum, text) => sum + weightOf(text), 0);
}

function textsOf(row: FactRow): string[] {
  switch (row.row) {
    case 'head':
      return [row.text];
    case 'fact':
      return [row.label, row.value, ...row.marks];
    case 'item':
      return [row.value, ...row.marks];
    case 'table':
      return [...row.columns, ...row.cells.flat()];
    default:
      return row satisfies never;
  }
}

/** The row, or as much of its value as fits; null where there is no room for any of it. */
function withinBudget(row: FactRow, bytes: number): { row: FactRow; cut: boolean } | null {
  if (row.row === 'head' || row.row === 'table') return rowWeight(row) <= bytes ? { row, cut: false } : null;
  const label = row.row === 'fact' ? fitted(row.label, 600) : { text: '', cut: false };
  const room = Math.min(BUDGET.value_bytes, bytes - weightOf(label.text) - 400);
  if (room < 200) return null;
  const value = fitted(row.value, room);
  const marks = row.marks.map((mark) => fitted(mark, 200).text);
  const shown: FactRow =
    row.row === 'fact'
      ? { ...row, label: label.text, value: value.text, marks }
      : { ...row, value: value.text, marks };
  return { row: shown, cut: value.cut || label.cut };
}

/** The rows of one fact and of what is inside it. */
export function rowsOf(fact: CardFact, depth: number): FactRow[] {
  const value = valueText(fact);
  const marks = [fact.change, fact.note, fact.host === null ? null : `leads to ${fact.host}`].filter(
    (mark) => mark !== null,
  );
  const inside = value === '' ? insideRows(fact, depth + 1) : [];
  if (inside.length > 0)
    return saidTwice(fact) ? inside.map(shallower) : [{ row: 'head', depth, text: fact.label }, ...inside];
  const mono = MONO.includes(fact.kind);
  return [{ row: 'fact', depth, label: fact.label, value, mono, marks }];
}

/** A group with one member that is called like it would say its title twice. */
function saidTwice({ label, kind, children }: CardFact): boolean {
  const [only, ...more] = children;
  return kind === 'section' && only !== undefined && more.length === 0 && only.label === label;
}

function shallower(row: FactRow): FactRow {
  return { ...row, depth: Math.max(0, row.depth - 1) };
}

/** A fact in one text where that can be: scalars, pairs of scalars and lists of words; else empty. */
function valueText(fact: CardFact): string {
  if (fact.was !== null) return `${fact.was} → ${fact.text}`;
  if (fact.text !== '') return fact.text;
  const { children, kind } = fact;
  const plain = children.every((child) => child.text !== '' && !child.text.includes('\n'));
  if (!plain || children.length === 0) return '';
  if (kind === 'compare') return children.map((child) => child.text).join(' → ');
  return kind === 'tags' ? children.map((child) => child.text).join(', ') : '';
}

function insideRows(fact: CardFact, depth: number): FactRow[] {
  if (fact.rows.length > 0) return tableRows(fact, depth);
  const isList = fact.kind === 'list' || fact.kind === 'checklist' || fact.kind === 'tags';
  return fact.children.flatMap((child): FactRow[] => {
    const rows = rowsOf(child, depth);
    // The label of an element is only its place in the list.
    const [first] = rows;
    if (!isList || first?.row !== 'fact') return rows;
    return [{ row: 'item', depth, value: first.value, marks: first.marks }, ...rows.slice(1)];
  });
}

function tableRows(fact: CardFact, depth: number): FactRow[] {
  // What a row lacks is empty; a value never is.
  const cells = fact.rows.map((row) =>
    row.map((cell) =>
      cell === null ? '' : [cell.text || jsonText(cell.value), ...cellMarks(cell)].join(' '),
    ),
  );
  if (isSmall(fact.columns, cells)) {
    const drawn = cells.map((row) => row.map((text) => text || '–'));
    return [{ row: 'table', depth, columns: fact.columns, cells: drawn }];
  }
  return cells.map((row) => ({
    row: 'item',
    depth,
    value: row.flatMap((text, n) => (text === '' ? [] : [`${fact.columns[n] ?? ''}: ${text}`])).join('; '),
    marks: [],
  }));
}

function cellMarks(cell: CardFact): string[] {
  const marks = [cell.was === null ? null : `was ${cell.was}`, cell.change, cell.note].filter(
    (mark) => mark !== null,
  );
  return marks.length === 0 ? [] : [`(${marks.join('; ')})`];
}

function isSmall(columns: readonly string[], cells: readonly string[][]): boolean {
  if (columns.length === 0 || columns.length > TABLE.columns || cells.length > TABLE.rows) return false;
  const fits = (text: string): boolean => text.length <= TABLE.cell_chars && !text.includes('\n');
  const widest = columns.map((name, n) => Math.max(name.length, ...cells.map((row) => row[n]?.length ?? 0)));
  const wide = widest.reduce((sum, chars) => sum + chars, 0);
  return wide <= TABLE.chars && columns.every(fits) && cells.every((row) => row.every(fits));
}
