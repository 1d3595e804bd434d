/**
 * One value in words: its text by kind, its label, tone and note, and where a link leads.
 *
 * Invariant: pure and total: a hint of the wrong type is ignored, and what does not fit its kind is shown as received.
 */
import { currencyOf, type FactKind, type Tone, TONES } from './card-kind.ts';
import {
  bytesText,
  type CardOptions,
  dateText,
  durationText,
  humanised,
  instantText,
  isNumeric,
  jsonText,
  moneyText,
  numberText,
  shifted,
  unitText,
  visible,
} from './card-text.ts';
import { isRecord, kindOf, valueAt } from './json-value.ts';
import { hintsOf } from './schema-node.ts';

/** Where a value stands: `$data` pointers are read from the root. */
type Source = { root: unknown; options: CardOptions };

export type Emphasis = 'headline' | 'primary' | 'normal' | 'muted';

/** What a value is called: its hint or title, else its name in words. */
export function labelOf(schema: Record<string, unknown> | null, name: string): string {
  const label = hintsOf(schema)['label'] ?? schema?.['title'];
  return typeof label === 'string' && label !== '' ? visible(label) : humanised(name);
}

/** A value in words; empty for what is made of other facts. Whatever does not fit its kind is shown as received. */
export function scalarText(
  from: Source,
  kind: FactKind,
  value: unknown,
  schema: Record<string, unknown> | null,
  name: string,
  beside: unknown,
): string {
  const { options } = from;
  const hints = hintsOf(schema);
  switch (kind) {
    case 'empty':
      return value === null || value === undefined ? 'none' : value === '' ? 'empty text' : 'empty';
    case 'masked':
      return '••••••';
    case 'currency':
      return isNumeric(value) ? moneyOf(from, value, schema, name, beside) : jsonText(value);
    case 'number':
      return numberOf(value, hints, name, options);
    case 'percent':
      return typeof value === 'number' ? `${numberText(scaled(value, hints), options)} %` : jsonText(value);
    case 'bytes':
      return typeof value === 'number' ? bytesText(value, options) : jsonText(value);
    case 'duration':
      return typeof value === 'number' ? durationText(value, options) : jsonText(value);
    case 'boolean':
      return value === true ? 'Yes' : 'No';
    case 'date':
      return (
        dateText(String(value), options) ?? instantText(String(value), options) ?? visible(String(value))
      );
    case 'datetime':
      return (
        instantText(String(value), options) ?? dateText(String(value), options) ?? visible(String(value))
      );
    case 'badge':
      return typeof value === 'boolean' ? (value ? 'Yes' : 'No') : optionTitle(schema, value);
    case 'text':
    case 'multiline':
    case 'code':
    case 'link':
      return visible(String(value));
    case 'json':
      return jsonText(value);
    case 'list':
    case 'table':
    case 'section':
    case 'compare':
      return '';
    default:
      return kind satisfies never;
  }
}

function moneyOf(
  from: Source,
  value: number | string,
  schema: Record<string, unknown> | null,
  name: string,
  beside: unknown,
): string {
  const hints = hintsOf(schema);
  const data = isRecord(hints['currency']) ? hints['currency']['$data'] : undefined;
  const pointed = typeof data === 'string' ? valueAt(from.root, data) : undefined;
  const currency = typeof pointed === 'string' ? pointed : (currencyOf(schema, beside, name) ?? '');
  const minor = hints['scale'] === 'minor' || (hints['scale'] === undefined && name.endsWith('_cents'));
  const amount = minor || typeof value === 'string' ? value : scaled(value, hints);
  return moneyText(amount, currency, minor, from.options);
}

/** Ids, years and the like are names made of digits, not amounts. */
const NO_GROUPS = /(^|_)(id|year|number|no|port|code|zip|phone)$|Id$/;

function numberOf(
  value: unknown,
  hints: Record<string, unknown>,
  name: string,
  options: CardOptions,
): string {
  if (typeof value !== 'number') return jsonText(value);
  const amount = scaled(value, hints);
  if (typeof hints['unit'] === 'string') return unitText(amount, hints['unit'], options);
  return numberText(amount, options, NO_GROUPS.test(name) ? { useGrouping: false } : {});
}

/** `scale` says how many of the value make one: 100 for cents, 0.01 for a share of one shown as percent. */
function scaled(value: number, hints: Record<string, unknown>): number | string {
  const scale = hints['scale'];
  if (typeof scale !== 'number' || !(scale > 0)) return value;
  const digits = Math.log10(scale);
  return Number.isInteger(digits) && digits > 0 ? shifted(value, digits) : value / scale;
}

/** The title of a `oneOf: [{const, title}]` option, with the value itself where they differ. */
function optionTitle(schema: Record<string, unknown> | null, value: unknown): string {
  const options = schema?.['oneOf'];
  const option: unknown = Array.isArray(options)
    ? options.find((o) => isRecord(o) && o['const'] === value)
    : null;
  const text = visible(String(value));
  const title = isRecord(option) ? option['title'] : undefined;
  return typeof title === 'string' && title !== '' && title !== value ? `${visible(title)} (${text})` : text;
}

/** The tone that the data gives a value: of the threshold it passed, or of its hint. */
export function toneOf(schema: Record<string, unknown> | null, value: unknown): Tone {
  const passed = thresholdOf(schema, value)?.['tone'];
  const stated = hintsOf(schema)['tone'];
  const key = typeof value === 'string' || typeof value === 'boolean' ? String(value) : '';
  const tone = passed ?? (isRecord(stated) && Object.hasOwn(stated, key) ? stated[key] : stated);
  return TONES.find((known) => known === tone) ?? 'neutral';
}

/** The highest threshold that a number passed. */
function thresholdOf(schema: Record<string, unknown> | null, value: unknown): Record<string, unknown> | null {
  const steps = hintsOf(schema)['threshold'];
  if (!Array.isArray(steps) || typeof value !== 'number') return null;
  let best: Record<string, unknown> | null = null;
  for (const step of steps as unknown[]) {
    if (!isRecord(step) || typeof step['above'] !== 'number' || value <= step['above']) continue;
    if (best === null || Number(best['above']) < step['above']) best = step;
  }
  return best;
}

/** Why a value deserves a second look; null where nothing speaks for it. */
export function noteOf(schema: Record<string, unknown> | null, value: unknown): string | null {
  if (!fitsType(schema?.['type'], value)) return 'does not match its schema';
  const note = thresholdOf(schema, value)?.['note'];
  return typeof note === 'string' ? visible(note) : null;
}

function fitsType(type: unknown, value: unknown): boolean {
  const types = (Array.isArray(type) ? type : [type]).filter((t) => typeof t === 'string');
  const kind = kindOf(value);
  const whole = kind === 'number' && Number.isInteger(value);
  return types.length === 0 || types.includes(kind) || (whole && types.includes('integer'));
}

/** How much the schema makes of a value. */
export function emphasisOf(schema: Record<string, unknown> | null): Emphasis {
  const stated = hintsOf(schema)['emphasis'];
  return stated === 'headline' || stated === 'primary' || stated === 'muted' ? stated : 'normal';
}

/** Where a link leads: https, http and mailto only; anything else stays text. */
export function linkOf(kind: FactKind, value: unknown): { href: string | null; host: string | null } {
  if (kind !== 'link' || typeof value !== 'string') return { href: null, host: null };
  if (/^[^\s@:/?#]+@[^\s@:/?#]+$/.test(value)) return { href: `mailto:${encodeURI(value)}`, host: null };
  const url = URL.parse(value);
  if (url === null || !['https:', 'http:', 'mailto:'].includes(url.protocol))
    return { href: null, host: null };
  return { href: url.href, host: visible(url.host) || null };
}
