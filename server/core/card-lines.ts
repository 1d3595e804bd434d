/**
 * The card as plain text, for mail, terminals and chat: the same facts in the same order as the web view.
 *
 * INVARIANT: the text of every fact is in the lines; what is masked or not shown is counted in words.
 * Left out: wrapping, and what a channel makes of headings.
 */
import type { Card } from './card.ts';
import type { CardFact } from './card-facts.ts';
import { jsonText } from './card-text.ts';

/** One line of text and how deep it stands. Text with line ends inside is given line by line. */
export type CardLine = { depth: number; text: string };

/** The facts of a card as indented lines; the question, risk and words of the agent are the channel's to place. */
export function cardLines(card: Card): CardLine[] {
  const groups: [title: string, facts: readonly CardFact[]][] = [
    ['Details', card.facts],
    ['What is sent', card.request],
    ['Context', card.context],
  ];
  const lines = groups.flatMap(([title, facts]) =>
    facts.length === 0 ? [] : [{ depth: 0, text: title }, ...facts.flatMap((fact) => factLines(fact, 1))],
  );
  const hidden = card.unshown.length - card.masked.length;
  const left = [
    ...(card.masked.length > 0 ? [`${card.masked.length} masked; open it to see them`] : []),
    ...(hidden > 0 ? [`${hidden} not shown here; open it to see them`] : []),
  ];
  return [...lines, ...left.map((text) => ({ depth: 0, text }))];
}

/** The lines of one fact: `Label: value`, and what is inside below it. */
function factLines(fact: CardFact, depth: number): CardLine[] {
  const value = valueText(fact);
  const marks = [fact.change, fact.note, fact.host === null ? null : `leads to ${fact.host}`].filter(
    (mark) => mark !== null,
  );
  const tail = marks.length > 0 ? ` (${marks.join('; ')})` : '';
  const [first = '', ...more] = value.split('\n');
  if (more.length > 0) {
    return [
      { depth, text: `${fact.label}:${tail}` },
      ...value.split('\n').map((text) => ({ depth: depth + 1, text })),
    ];
  }
  const inside = first === '' ? insideLines(fact, depth + 1) : [];
  return [{ depth, text: `${fact.label}: ${first}${tail}`.trimEnd() }, ...inside];
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

function insideLines(fact: CardFact, depth: number): CardLine[] {
  if (fact.rows.length > 0) {
    return fact.rows.map((row) => ({
      depth,
      text: `- ${row
        .flatMap((cell, n) =>
          cell === null ? [] : [`${fact.columns[n] ?? ''}: ${cell.text || jsonText(cell.value)}`],
        )
        .join('; ')}`,
    }));
  }
  const isList = fact.kind === 'list' || fact.kind === 'checklist' || fact.kind === 'tags';
  return fact.children.flatMap((child) => {
    const lines = factLines(child, depth);
    const [head, ...rest] = lines;
    // The label of an element is only its place in the list.
    const text =
      child.text !== '' && !child.text.includes('\n') ? `- ${child.text}` : `- ${head?.text ?? ''}`;
    return isList ? [{ depth, text }, ...rest] : lines;
  });
}
