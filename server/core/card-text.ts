/**
 * Words and numbers as a person reads them: agent text made safe to look at, and typed values through Intl.
 *
 * INVARIANT: text from outside passes `visible`, the one place where characters that reorder or hide text get a
 * visible form; and a number is never rounded: every digit that was received is shown.
 * Left out: which value is money and which is a date (card-kind.ts).
 */
import type { CardWords } from './card-words.ts';

/**
 * How values are written; `now_ms` decides what has expired. Unknown locales and time zones fall back to the reader's
 * own, and words to the English ones.
 */
export type CardOptions = {
  locale?: string | undefined;
  time_zone?: string | undefined;
  words?: CardWords | undefined;
  now_ms: number;
};

/** Controls, formats (bidi, zero width, tags), separators, lone surrogates and everything that is drawn as nothing. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{DI}]/gu;
/** Text of which every character is seen. */
const PRINTABLE = /^[ -~\n]*$/;
/** Newline and tab lay out text; U+FE0F only asks for the coloured form of an emoji. */
const HARMLESS = '\n\t\uFE0F';
/** More digits than a double holds, so that nothing is rounded. */
const ALL_DIGITS = 20;
const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt ][\d:.]+([Zz]|[+-]\d{2}:\d{2})$/;
const DECIMAL = /^-?\d{1,30}(\.\d{1,20})?$/;

/** Text from outside with every character that can't be seen written as ⟨U+202E⟩; line ends become \n. */
export function visible(text: string): string {
  // Nearly every text; and asking is much faster than looking through it for all that is unseen.
  if (PRINTABLE.test(text)) return text;
  return text.replaceAll('\r\n', '\n').replace(UNSEEN, (c) => (HARMLESS.includes(c) ? c : codePoint(c)));
}

function codePoint(c: string): string {
  return `⟨U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** `known_since` and `knownSince` as "Known since". */
export function humanised(name: string): string {
  const words = visible(name)
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[_\-.\s]+/g, ' ')
    .trim();
  const sentence = /^[A-Z\d ]+$/.test(words) ? words : words.replace(/\b[A-Z][a-z]/g, (s) => s.toLowerCase());
  const spelled = sentence.replace(/\b(id|url|uri|ip|api|iban|bic|vat|sql|uuid)\b/gi, (s) => s.toUpperCase());
  return spelled === '' ? '“”' : spelled.charAt(0).toUpperCase() + spelled.slice(1);
}

/** Any JSON value as readable text. */
export function jsonText(value: unknown): string {
  return visible(JSON.stringify(value, null, 2) ?? 'null');
}

/** Constructing a formatter is the slow part of Intl; a page uses a handful. */
const formatters = new Map<string, unknown>();

/** A formatter, made once for each locale; an unknown locale counts as the reader's own. */
export function cached<T>(
  key: string,
  make: (locale: string | undefined) => T,
  locale: string | undefined,
): T {
  const name = `${locale ?? ''}|${key}`;
  let formatter = formatters.get(name) as T | undefined;
  if (formatter === undefined) {
    formatter = tolerant(make, locale);
    formatters.set(name, formatter);
  }
  return formatter;
}

function tolerant<T>(make: (locale: string | undefined) => T, locale: string | undefined): T {
  try {
    return make(locale);
  } catch {
    return make(undefined);
  }
}

/** A number (or a decimal in text, exactly) with all its digits. */
export function numberText(
  value: number | string,
  options: CardOptions,
  unit?: Intl.NumberFormatOptions,
): string {
  return formatNumber(value, options, { maximumFractionDigits: ALL_DIGITS, ...unit });
}

/**
 * Money in a currency; `minor` when the value counts cents (or what the currency has instead). A code that no
 * currency has is written behind the number.
 */
export function moneyText(
  value: number | string,
  currency: string,
  minor: boolean,
  options: CardOptions,
): string {
  if (!/^[A-Za-z]{3}$/.test(currency)) {
    return `${numberText(value, options)} ${visible(currency)}`.trim();
  }
  const style = { style: 'currency', currency: currency.toUpperCase() } as const;
  const digits = minor ? minorDigits(style, options) : 0;
  return formatNumber(shifted(value, digits), options, { ...style, maximumFractionDigits: ALL_DIGITS });
}

function minorDigits(style: Intl.NumberFormatOptions, options: CardOptions): number {
  const formatter = cached(JSON.stringify(style), (l) => new Intl.NumberFormat(l, style), options.locale);
  return formatter.resolvedOptions().maximumFractionDigits ?? 2;
}

/** The value divided by a power of ten; by moving the point in its decimal text, so that no digit changes. */
export function shifted(value: number | string, digits: number): number | string {
  const text = String(value);
  if (digits === 0 || !DECIMAL.test(text)) return typeof value === 'number' ? value / 10 ** digits : value;
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const padded = whole.padStart(digits + 1, '0');
  const cut = padded.length - digits;
  return `${text.startsWith('-') ? '-' : ''}${padded.slice(0, cut)}.${padded.slice(cut)}${fraction}`;
}

function formatNumber(
  value: number | string,
  options: CardOptions,
  format: Intl.NumberFormatOptions,
): string {
  const make = (locale: string | undefined): Intl.NumberFormat => new Intl.NumberFormat(locale, format);
  try {
    // Intl reads a decimal text exactly (ECMA-402, Number format v3); the type of `format` asks for a literal.
    return cached(JSON.stringify(format), make, options.locale).format(value as number);
  } catch {
    return visible(String(value));
  }
}

/** True for a number, or a text that is nothing but a decimal number. */
export function isNumeric(value: unknown): value is number | string {
  return typeof value === 'number' || (typeof value === 'string' && DECIMAL.test(value));
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** "1.5 MB (1,536,000 bytes)": short to read, and exact. */
export function bytesText(value: number, options: CardOptions): string {
  const exact = numberText(value, options, { style: 'unit', unit: 'byte', unitDisplay: 'long' });
  const step = Math.min(Math.floor(Math.log10(Math.max(Math.abs(value), 1)) / 3), BYTE_UNITS.length - 1);
  if (step === 0) return exact;
  const unit = BYTE_UNITS[step] ?? 'byte';
  const short = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 } as const;
  return `${formatNumber(value / 1000 ** step, options, short)} (${exact})`;
}

const DURATION_STEPS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** A number of seconds in days, hours, minutes and seconds; nothing is dropped. */
export function durationText(seconds: number, options: CardOptions): string {
  const parts: string[] = [];
  let rest = Math.abs(seconds);
  for (const [unit, size] of DURATION_STEPS) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(unitText(count, unit, options));
    rest -= count * size;
  }
  if (rest > 0 || parts.length === 0) parts.push(unitText(rest, 'second', options));
  return (seconds < 0 ? '−' : '') + parts.join(' ');
}

/** "3 hours", "3 hr": a count with its unit in the reader's language; a unit that CLDR lacks is written as it is. */
export function unitText(count: number | string, unit: string, options: CardOptions): string {
  try {
    const format = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: ALL_DIGITS } as const;
    return cached(`unit ${unit}`, (l) => new Intl.NumberFormat(l, format), options.locale).format(
      count as number,
    );
  } catch {
    return `${numberText(count, options)} ${visible(unit)}`;
  }
}

/** A calendar day (`2026-11-20`), which has no time zone; null for a text that is none. */
export function dateText(value: string, options: CardOptions): string | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return null;
  return instantText(`${value}T00:00:00Z`, { ...options, time_zone: 'UTC' }, { dateStyle: 'medium' });
}

const FULL: Intl.DateTimeFormatOptions = {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  timeZoneName: 'short',
};

/** An instant with its zone; seconds only where they are not zero; null for a text that is none or lacks an offset. */
export function instantText(
  value: string,
  options: CardOptions,
  style?: Intl.DateTimeFormatOptions,
): string | null {
  const ms = Date.parse(value);
  if (Number.isNaN(ms) || !INSTANT.test(value)) return null;
  const seconds: Intl.DateTimeFormatOptions = ms % 60_000 === 0 ? {} : { second: '2-digit' };
  const format = { ...(style ?? { ...FULL, ...seconds }), timeZone: options.time_zone };
  const make = (locale: string | undefined): Intl.DateTimeFormat => {
    try {
      return new Intl.DateTimeFormat(locale, format);
    } catch {
      return new Intl.DateTimeFormat(undefined, { ...format, timeZone: undefined });
    }
  };
  return cached(JSON.stringify(format), make, options.locale).format(ms);
}
