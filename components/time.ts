/**
 * Times that run: how long is left, how old something is, and when that text next changes.
 * Invariant: pure; the caller says what time it is.
 */
import { type CardOptions, unitText } from '../server/core/card-text.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The two largest units of a time span: "2 days 3 hr", "12 min 5 sec". */
export function spanText(ms: number, options: CardOptions): string {
  const rest = Math.max(0, ms);
  const unit = (count: number, name: string): string => unitText(Math.floor(count), name, options);
  if (rest >= DAY) return `${unit(rest / DAY, 'day')} ${unit((rest % DAY) / HOUR, 'hour')}`;
  if (rest >= HOUR) return `${unit(rest / HOUR, 'hour')} ${unit((rest % HOUR) / MINUTE, 'minute')}`;
  if (rest >= MINUTE) return `${unit(rest / MINUTE, 'minute')} ${unit((rest % MINUTE) / 1000, 'second')}`;
  return unit(rest / 1000, 'second');
}

/** The largest unit only, for lists. */
export function shortSpanText(ms: number, options: CardOptions): string {
  const rest = Math.max(0, ms);
  if (rest >= DAY) return unitText(Math.floor(rest / DAY), 'day', options);
  if (rest >= HOUR) return unitText(Math.floor(rest / HOUR), 'hour', options);
  if (rest >= MINUTE) return unitText(Math.floor(rest / MINUTE), 'minute', options);
  return unitText(Math.floor(rest / 1000), 'second', options);
}

/** In how many ms the text of `spanText` changes; at most a minute, so that a sleeping machine catches up. */
export function nextChange(ms: number): number {
  if (ms <= 0) return MINUTE;
  const step = ms >= HOUR ? MINUTE : 1000;
  return Math.min((ms % step) + 1, MINUTE);
}

/** "5 minutes ago" in the reader's language. */
export function agoText(ms: number, options: CardOptions): string {
  const format = relative(options.locale);
  if (ms >= DAY) return format.format(-Math.floor(ms / DAY), 'day');
  if (ms >= HOUR) return format.format(-Math.floor(ms / HOUR), 'hour');
  return format.format(-Math.max(0, Math.floor(ms / MINUTE)), 'minute');
}

const formats = new Map<string, Intl.RelativeTimeFormat>();

function relative(locale: string | undefined): Intl.RelativeTimeFormat {
  const known = formats.get(locale ?? '');
  if (known) return known;
  let made: Intl.RelativeTimeFormat;
  try {
    made = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  } catch {
    made = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
  }
  formats.set(locale ?? '', made);
  return made;
}
