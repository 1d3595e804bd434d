/**
 * What only richer hints of a schema ask of the card: groups, conditions, thresholds, links, titled options, what a value
 * was before, comparisons line by line, and consequences among the params.
 *
 * Invariant: pure and total: a hint of the wrong type is ignored. INVARIANT: each of these adds to what is shown and none
 * of them decides over a mask, so that the web view can start without them (decision 0019): this file imports no other
 * file that makes facts.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { CardFact, factAt } from './card-facts.ts';
import { inLocale } from './card-hints.ts';
import { type FactKind, pairOf, type Tone, TONES } from './card-kind.ts';
import { type Link, safeLink } from './card-link.ts';
import { type CardOptions, numberText, visible } from './card-text.ts';
import { inWords } from './card-words.ts';
import { isRecord, sameJson, valueAt } from './json-value.ts';
import { unifiedDiff } from './line-diff.ts';
import { hintsOf } from './schema-node.ts';

type Schema = Record<string, unknown> | null;
/** How a value at a pointer is written; handed in by who makes facts. */
type FactAt = typeof factAt;

/** What stands out is short; the whole of it stands in the facts. */
export const MAX_LINE_CHARS = 80;

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** A group that a schema makes of an object's members. */
export type Section = { fields: string[]; label: string; tone: Tone; group: 'open' | 'closed' };

/** The groups that a schema makes of an object's members; a field is a name, or a pointer to one. */
export function sectionsOf(schema: Schema, options: CardOptions): Section[] {
  const stated = hintsOf(schema)['sections'];
  return (Array.isArray(stated) ? (stated as unknown[]) : []).filter(isRecord).map((section) => {
    const { fields, i18n, title, tone, collapsed } = section;
    const label = inLocale(i18n, options.locale) ?? title;
    return {
      fields: (Array.isArray(fields) ? (fields as unknown[]) : [])
        .filter(isText)
        .map((name) => name.replace(/^\//, '')),
      label: isText(label) ? inWords(visible(label), options) : '',
      tone: TONES.find((known) => known === tone) ?? 'neutral',
      group: collapsed === true ? 'closed' : 'open',
    };
  });
}

/** Whether the condition of a value holds; true where there is none, or none that is understood. */
export function isVisible(schema: Schema, root: unknown): boolean {
  const when = hintsOf(schema)['visibleWhen'];
  if (!isRecord(when) || typeof when['pointer'] !== 'string' || !isRecord(when['schema'])) return true;
  return holds(when['schema'], valueAt(root, when['pointer']) ?? null, 0);
}

function holds(condition: Record<string, unknown>, value: unknown, depth: number): boolean {
  const { const: only, enum: some, minimum, maximum, not } = condition;
  if ('const' in condition && !sameJson(only, value)) return false;
  if (Array.isArray(some) && !some.some((one) => sameJson(one, value))) return false;
  if (typeof minimum === 'number' && typeof value === 'number' && value < minimum) return false;
  if (typeof maximum === 'number' && typeof value === 'number' && value > maximum) return false;
  return !isRecord(not) || depth > 8 || !holds(not, value, depth + 1);
}

/** The threshold that a number passed: the highest of those above which it is, else the lowest it is below. */
export function thresholdOf(schema: Schema, value: unknown): Record<string, unknown> | null {
  const steps = hintsOf(schema)['threshold'];
  if (!Array.isArray(steps) || typeof value !== 'number') return null;
  const passed = (side: 'above' | 'below', sign: 1 | -1): Record<string, unknown> | undefined =>
    (steps as unknown[])
      .filter(isRecord)
      .filter((step) => typeof step[side] === 'number' && (value - step[side]) * sign > 0)
      .toSorted((a, b) => (Number(b[side]) - Number(a[side])) * sign)[0];
  return passed('above', 1) ?? passed('below', -1) ?? null;
}

/** The title of a `oneOf: [{const, title}]` option, with the value itself where they differ. */
export function optionTitle(schema: Schema, value: unknown, options: CardOptions): string {
  const stated = schema?.['oneOf'];
  const option: unknown = Array.isArray(stated)
    ? stated.find((o) => isRecord(o) && o['const'] === value)
    : null;
  const text = visible(String(value));
  const title = isRecord(option) ? option['title'] : undefined;
  return typeof title === 'string' && title !== '' && title !== value
    ? `${inWords(visible(title), options)} (${text})`
    : text;
}

/** What a value was before, where its schema says where to look; undefined where it does not. */
export function beforeOf(schema: Schema, pointer: string, root: unknown, previous: unknown): unknown {
  const before = hintsOf(schema)['compareTo'];
  if (!isText(before)) return undefined;
  return before === 'previous' ? valueAt(previous, pointer) : valueAt(root, before);
}

/** What changed between two values of one kind: "+€2,400.00 (+24%)"; null where there is nothing to count. */
export function differenceText(
  before: unknown,
  after: unknown,
  write: (value: number) => string,
  options: CardOptions,
): string | null {
  if (typeof before !== 'number' || typeof after !== 'number' || before === after) return null;
  const digits = Math.max(decimals(before), decimals(after));
  const by = digits > 15 ? after - before : Number((after - before).toFixed(digits));
  const share = { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' } as const;
  const percent = before > 0 ? ` (${numberText((after - before) / before, options, share)})` : '';
  return `${by > 0 ? '+' : '−'}${write(Math.abs(by))}${percent}`;
}

function decimals(value: number): number {
  return /\.(\d+)$/.exec(String(value))?.[1]?.length ?? (Number.isInteger(value) ? 0 : 16);
}

/** Two texts line by line, with what went and what came. */
export function lineByLine(before: string, after: string): string {
  return visible(unifiedDiff(before, after));
}

/** Where a value leads: its `href` hint filled from the data, or what a link says itself. */
export function linkOf(kind: FactKind, value: unknown, schema: Schema, root: unknown): Link {
  const pattern = hintsOf(schema)['href'];
  if (typeof pattern === 'string' && (typeof value !== 'object' || value === null)) {
    let missing = false;
    const address = pattern.replace(/\{(\/[^{}]*)\}/g, (_, pointer: string) => {
      const part = valueAt(root, pointer);
      missing ||= part === null || part === undefined || typeof part === 'object' || part === '';
      return encodeURIComponent(String(part).toWellFormed());
    });
    if (!missing) return safeLink(address);
  }
  return kind === 'link' && typeof value === 'string' ? safeLink(value) : { href: null, host: null };
}

/** Ends the pointer of what something is called. */
const NAMES = /\/(name|title|label|address|id|arn)$/;

/** What something is called before what is known about it. */
export function nameFirst(facts: readonly CardFact[]): CardFact[] {
  const name = facts.find(
    (fact) => NAMES.test(fact.pointer) && fact.kind !== 'empty' && fact.children.length === 0,
  );
  return name ? [name, ...facts.filter((fact) => fact !== name)] : [...facts];
}

/** The approval with what its params say of consequences, where the agent left the place for it empty. */
export function stating(approval: Approval, schema: Record<string, unknown>): Approval {
  const { consequences, ifDenied } = hintsOf(schema);
  const denied = typeof ifDenied === 'string' ? valueAt(approval.params, ifDenied) : undefined;
  if (!Array.isArray(consequences) && typeof denied !== 'string') return approval;
  const lists = Array.isArray(consequences) ? (consequences as unknown[]) : [];
  const effects = lists.flatMap((pointer) =>
    typeof pointer === 'string' ? [valueAt(approval.params, pointer)].flat() : [],
  );
  const stated = effects.filter((effect) => typeof effect === 'string');
  return {
    ...approval,
    side_effects: approval.side_effects.length > 0 ? approval.side_effects : stated,
    if_denied: approval.if_denied ?? (typeof denied === 'string' ? denied : null),
  };
}

/** The facts that a root hint points to, without those that are too long or empty to stand out. */
export function pointedFacts(
  approval: Approval,
  schema: Record<string, unknown>,
  hint: 'headline' | 'summary',
  options: CardOptions,
  at: FactAt,
): CardFact[] {
  const stated = hintsOf(schema)[hint];
  const pointers = Array.isArray(stated) ? stated.filter((p) => typeof p === 'string') : [];
  return pointers.flatMap((pointer) => {
    const fact = at(approval.params, schema, pointer, options);
    if (fact === null || fact.text === '' || fact.kind === 'empty') return [];
    const label = wholeLabel(approval.params, schema, pointer, options, at) ?? fact.label;
    return fact.text.length <= MAX_LINE_CHARS ? [{ ...fact, label }] : [];
  });
}

const NAME = /\/(name|title|label)$/;

/** What a name, or what a pair becomes, stands for: "Payee" says all that "Payee › Name" does. Null for other values. */
function wholeLabel(
  params: Record<string, unknown>,
  schema: Record<string, unknown>,
  pointer: string,
  options: CardOptions,
  at: FactAt,
): string | null {
  const up = pointer.slice(0, pointer.lastIndexOf('/'));
  const whole = valueAt(params, up);
  const becomes = isRecord(whole) ? pairOf(whole)?.[1] : undefined;
  const stands = up !== '' && (NAME.test(pointer) || pointer === `${up}/${becomes ?? ''}`);
  return stands ? (at(params, schema, up, options)?.label ?? null) : null;
}
