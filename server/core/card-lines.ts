/**
 * The card as plain text, for mail, terminals and chat: the same facts in the same order as the web view.
 *
 * INVARIANT: the text of every fact is in the lines; what is masked or not shown is counted in words.
 * Left out: wrapping, and what a channel makes of headings.
 */
import type { Card } from './card.ts';
import type { CardFact } from './card-facts.ts';
import { jsonText } from './card-text.ts';

/**
 * One line of text and how deep it stands. Text with line ends inside is given line by line. `kind`: a heading, a fact
 * that begins with its label (`label` units long, with the colon), an element of a list (after "- "), or one line of
 * somebody's text, as it is.
 */
export type CardLine = {
  depth: number;
  text: string;
  kind: 'title' | 'fact' | 'item' | 'text';
  label: number;
};

/** The facts of a card as indented lines; the question, risk and words of the agent are the channel's to place. */
export function cardLines(card: Card): CardLine[] {
  const groups: [title: string, facts: readonly CardFact[]][] = [
    ['Details', card.facts],
    ['What is sent', card.request],
    ['Context', card.context],
  ];
  const lines = groups.flatMap(([text, facts]) =>
    facts.length === 0 ? [] : [title(text), ...facts.flatMap((fact) => factLines(fact, 1))],
  );
  const hidden = card.unshown.length - card.masked.length;
  return [
    ...lines,
    ...(card.masked.length > 0 ? [title(`${card.masked.length} masked; open it to see`)] : []),
    ...(hidden > 0 ? [title(`${hidden} not shown here; open it to see`)] : []),
  ];
}

function title(text: string): CardLine {
  return { depth: 0, text, kind: 'title', label: 0 };
}

/** The lines of one fact: `Label: value`, and what is inside below it. */
function factLines(fact: CardFact, depth: number): CardLine[] {
  const [only, ...others] = fact.children;
  // A group that is nothing but one fact of the same name says that name once.
  if (only && others.length === 0 && only.label === fact.label && fact.group !== null)
    return factLines(only, depth);
  const value = valueText(fact);
  const marks = [fact.change, fact.note, fact.host === null ? null : `leads to ${fact.host}`].filter(
    (mark) => mark !== null,
  );
  const tail = marks.length > 0 ? ` (${marks.join('; ')})` : '';
  const head = (text: string): CardLine => ({ depth, text, kind: 'fact', label: fact.label.length + 1 });
  const [first = '', ...more] = value.split('\n');
  if (more.length > 0) {
    const lines = value
      .split('\n')
      .map((text): CardLine => ({ depth: depth + 1, text, kind: 'text', label: 0 }));
    return [head(`${fact.label}:${tail}`), ...lines];
  }
  const inside = first === '' ? insideLines(fact, depth + 1) : [];
  return [head(`${fact.label}: ${first}${tail}`.trimEnd()), ...inside];
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
  const item = (text: string): CardLine => ({ depth, text: `- ${text}`, kind: 'item', label: 0 });
  if (fact.rows.length > 0) {
    return fact.rows.map((row) =>
      item(
        row
          .flatMap((cell, n) =>
            cell === null ? [] : [`${fact.columns[n] ?? ''}: ${cell.text || jsonText(cell.value)}`],
          )
          .join('; '),
      ),
    );
  }
  const isList = fact.kind === 'list' || fact.kind === 'checklist' || fact.kind === 'tags';
  return fact.children.flatMap((child) => {
    const lines = factLines(child, depth);
    const [head, ...rest] = lines;
    // The label of an element is only its place in the list.
    const text = child.text !== '' && !child.text.includes('\n') ? child.text : (head?.text ?? '');
    return isList ? [item(text), ...rest] : lines;
  });
}
