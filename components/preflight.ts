/**
 * What a batch adds up to before it is decided: sums, distinct recipients, and rows unlike the others.
 * Invariant: pure; a sum is only made of amounts in one currency, and nothing is left out of it silently.
 */
import type { Approval } from '../schemas/approval.ts';
import { type CardFact, factAt, factsOf } from '../server/core/card-facts.ts';
import { editedParams } from '../server/core/card-edits.ts';
import type { CardOptions } from '../server/core/card-text.ts';
import { hintsOf } from '../server/core/schema-node.ts';
import { schemaOf } from './parts.ts';

export type Preflight = {
  /** Per amount and currency; `missing` counts rows that lack the amount. */
  sums: { label: string; text: string; missing: number }[];
  /** Distinct values of the texts that say to whom, with how many rows have each. */
  distinct: { label: string; values: Map<string, number> }[];
  /** Rows whose amount is far from the usual one. */
  outliers: { approval: Approval; label: string; text: string; times: number }[];
};

/** Beyond this many times the middle value, or below that part of it, a row deserves a look of its own. */
const FAR = 3;
/** With fewer rows there is no usual amount. */
const LEAST_ROWS = 3;
const WHOM =
  /^\/(to|recipients?|payee|vendor|customer|principal|destination|channel|email)(\/(name|email|\d+))?$/;

type Held = { approval: Approval; fact: CardFact };

/** What the chosen rows come to. All of them have the same template. */
export function preflightOf(picked: readonly Approval[], options: CardOptions): Preflight {
  const facts = new Map<string, Held[]>();
  for (const approval of picked) {
    const schema = schemaOf(approval);
    for (const fact of leaves(factsOf(approval.params, schema, options).facts)) {
      const known = facts.get(fact.pointer) ?? [];
      known.push({ approval, fact });
      facts.set(fact.pointer, known);
    }
  }
  const money = [...facts.values()].filter((held) => held.every(({ fact }) => isAmount(fact)));
  return {
    sums: money.flatMap((held) => sumsOf(held, picked.length, options)),
    distinct: [...facts]
      .filter(([pointer, held]) => saysWhom(pointer, held))
      .map(([, held]) => distinctOf(held, options)),
    outliers: money.flatMap(outliersOf),
  };
}

function leaves(facts: readonly CardFact[]): CardFact[] {
  return facts.flatMap((fact) => (fact.children.length > 0 ? leaves(fact.children) : [fact]));
}

function isAmount({ kind, value }: CardFact): boolean {
  return kind === 'currency' && Number.isFinite(Number(value));
}

function saysWhom(pointer: string, held: readonly Held[]): boolean {
  const { approval, fact } = held[0] ?? {};
  const schema = approval ? schemaOf(approval) : {};
  const headline = hintsOf(schema)['headline'];
  const stands = Array.isArray(headline) && headline.includes(pointer);
  return typeof fact?.value === 'string' && (stands || WHOM.test(pointer));
}

/** The amount written as zero tells its currency: only equal ones are added. */
function sumsOf(held: readonly Held[], rows: number, options: CardOptions): Preflight['sums'] {
  const by = new Map<string, { first: Held; total: number; count: number }>();
  for (const one of held) {
    const key = textWith(one, 0, options);
    const sum = by.get(key) ?? { first: one, total: 0, count: 0 };
    by.set(key, { ...sum, total: sum.total + Number(one.fact.value), count: sum.count + 1 });
  }
  return [...by.values()].map(({ first, total, count }) => ({
    label: first.fact.label,
    // Adding decimals in binary leaves dust far behind the last digit of any currency.
    text: textWith(first, Number(total.toFixed(6)), options),
    missing: by.size === 1 ? rows - count : 0,
  }));
}

function textWith({ approval, fact }: Held, value: number, options: CardOptions): string {
  const params = editedParams(approval.params, new Map([[fact.pointer, value]]));
  const schema = schemaOf(approval);
  return factAt(params, schema, fact.pointer, options)?.text ?? String(value);
}

function distinctOf(held: readonly Held[], options: CardOptions): Preflight['distinct'][number] {
  const values = new Map<string, number>();
  for (const { fact } of held) values.set(fact.text, (values.get(fact.text) ?? 0) + 1);
  const [first] = held;
  // With its whole path: "Name" alone would not say whose.
  const whole = first && factAt(first.approval.params, schemaOf(first.approval), first.fact.pointer, options);
  return { label: whole?.label ?? '', values };
}

function outliersOf(held: readonly Held[]): Preflight['outliers'] {
  if (held.length < LEAST_ROWS) return [];
  const sorted = held.map(({ fact }) => Number(fact.value)).toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  if (middle <= 0) return [];
  return held.flatMap(({ approval, fact }) => {
    const times = Number(fact.value) / middle;
    const far = times >= FAR || times <= 1 / FAR;
    return far ? [{ approval, label: fact.label, text: fact.text, times }] : [];
  });
}
