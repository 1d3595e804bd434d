/**
 * One value in words: its text by kind, its label, tone and note, and where a link leads.
 *
 * Invariant: pure and total: a hint of the wrong type is ignored, and what does not fit its kind is shown as received.
 */
import { inLocale, maxOf } from './card-hints.ts';
import {
  currencyOf,
  type FactKind,
  type Place,
  textPair,
  type Tone,
  toneOfWord,
  TONES,
} from './card-kind.ts';
import { lineByLine, optionTitle, thresholdOf } from './card-rich.ts';
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
import { inWords, wordsOf } from './card-words.ts';
import { isRecord, kindOf } from './json-value.ts';
import { hintsOf } from './schema-node.ts';

export type Emphasis = 'headline' | 'primary' | 'normal' | 'muted';

type Schema = Record<string, unknown> | null;

/** What a value is called: in the reader's language, by its hint or title, else its name in words. */
export function labelOf(schema: Schema, name: string, options: CardOptions): string {
  const hints = hintsOf(schema);
  const label = inLocale(hints['i18n'], options.locale) ?? hints['label'] ?? schema?.['title'];
  return inWords(typeof label === 'string' && label !== '' ? visible(label) : humanised(name), options);
}

/** A value in words; empty for what is made of other facts. Whatever does not fit its kind is shown as received. */
export function scalarText(
  kind: FactKind,
  value: unknown,
  schema: Schema,
  place: Place,
  options: CardOptions,
): string {
  const hints = hintsOf(schema);
  const { name } = place;
  switch (kind) {
    case 'empty':
      return emptyWord(value, options);
    case 'masked':
      return '••••••';
    case 'currency':
      return isNumeric(value) ? moneyOf(value, schema, place, options) : jsonText(value);
    case 'number':
      return numberOf(value, hints, name, options);
    case 'meter':
      return meterText(value, schema, place, options);
    case 'percent':
      return typeof value === 'number' ? `${numberText(scaled(value, hints), options)} %` : jsonText(value);
    case 'bytes':
      return typeof value === 'number' ? bytesText(value, options) : jsonText(value);
    case 'duration':
      return typeof value === 'number' ? durationText(value, options) : jsonText(value);
    case 'boolean':
      return yesNo(value === true, options);
    case 'date':
    case 'datetime':
    case 'relative':
      return (
        dateText(String(value), options) ?? instantText(String(value), options) ?? visible(String(value))
      );
    case 'badge':
      return typeof value === 'boolean' ? yesNo(value, options) : optionTitle(schema, value, options);
    case 'diff': {
      const pair = textPair(value);
      return pair ? lineByLine(...pair) : visible(String(value));
    }
    case 'text':
    case 'multiline':
    case 'markdown':
    case 'code':
    case 'link':
      return visible(String(value));
    case 'json':
      return jsonText(value);
    // What is made of other facts has no text of its own.
    case 'list':
    case 'tags':
    case 'checklist':
    case 'table':
    case 'section':
    case 'entity':
    case 'compare':
    default:
      return '';
  }
}

function yesNo(value: boolean, options: CardOptions): string {
  const { yes, no } = wordsOf(options);
  return value ? yes : no;
}

function emptyWord(value: unknown, options: CardOptions): string {
  const { none, empty, emptyText } = wordsOf(options);
  return value === null || value === undefined ? none : value === '' ? emptyText : empty;
}

function moneyOf(value: number | string, schema: Schema, place: Place, options: CardOptions): string {
  const hints = hintsOf(schema);
  const currency = currencyOf(schema, place) ?? '';
  const minor =
    hints['scale'] === 'minor' || (hints['scale'] === undefined && /_cents$|Cents$/.test(place.name));
  const amount = minor || typeof value === 'string' ? value : scaled(value, hints);
  return moneyText(amount, currency, minor, options);
}

/** "€4,100.00 of €6,000.00"; a share of one as percent. */
function meterText(value: unknown, schema: Schema, place: Place, options: CardOptions): string {
  const max = maxOf(schema, place.root, place.beside);
  if (typeof value !== 'number') return jsonText(value);
  if (max === null || max === 1) return numberText(value, options, { style: 'percent' });
  const money = 'currency' in hintsOf(schema) || currencyOf(schema, place) !== null;
  const text = (n: number): string =>
    money ? moneyOf(n, schema, place, options) : numberOf(n, hintsOf(schema), place.name, options);
  return `${text(value)} / ${text(max)}`;
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

/** The tone that the data gives a value: of the threshold it passed, of its hint, or for a badge of its word. */
export function toneOf(schema: Schema, value: unknown, guess: boolean): Tone {
  const passed = thresholdOf(schema, value)?.['tone'];
  const stated = hintsOf(schema)['tone'];
  const key = typeof value === 'string' || typeof value === 'boolean' ? String(value) : '';
  const tone = passed ?? (isRecord(stated) ? (Object.hasOwn(stated, key) ? stated[key] : 'neutral') : stated);
  return TONES.find((known) => known === tone) ?? (guess ? toneOfWord(key) : 'neutral');
}

/** Why a value deserves a second look; null where nothing speaks for it. */
export function noteOf(schema: Schema, value: unknown, options: CardOptions): string | null {
  if (!fitsType(schema?.['type'], value)) return wordsOf(options).mismatch;
  const note = thresholdOf(schema, value)?.['note'];
  return typeof note === 'string' ? inWords(visible(note), options) : null;
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
