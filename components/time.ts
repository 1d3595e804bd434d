/**
 * Times that run: how long is left, how old something is, and when that text next changes.
 * Invariant: pure; the caller says what time it is.
 */
import { cached, type CardOptions, unitText } from '../server/core/card-text.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS: readonly (readonly [unit: string, ms: number])[] = [
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
  ['second', 1000],
];

/** The largest units of a time span: "2 days 3 hr", "12 min 5 sec", or with one unit "2 days". */
export function spanText(ms: number, options: CardOptions, units = 2): string {
  const first = STEPS.findIndex(([, size]) => ms >= size);
  const steps = STEPS.slice(first < 0 ? STEPS.length - 1 : first).slice(0, units);
  let rest = Math.max(0, ms);
  return steps
    .map(([unit, size]) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      return unitText(count, unit, options);
    })
    .join(' ');
}

/** In how many ms the text of `spanText` changes; at most a minute, so that a sleeping machine catches up. */
function nextChange(ms: number): number {
  if (ms <= 0) return MINUTE;
  const step = ms >= HOUR ? MINUTE : 1000;
  return Math.min((ms % step) + 1, MINUTE);
}

/** Ticks whenever the time left until a moment is written differently. */
export function createTicker(tick: () => void): {
  until(at: string | undefined, now_ms: number): void;
  stop(): void;
} {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => clearTimeout(timer);
  return {
    until: (at, now_ms) => {
      stop();
      timer = setTimeout(tick, nextChange(at === undefined ? 0 : Date.parse(at) - now_ms));
    },
    stop,
  };
}

/** "5 minutes ago" in the reader's language; a negative age is still to come: "in 5 minutes". */
export function agoText(ms: number, options: CardOptions): string {
  const size = [DAY, HOUR].find((step) => Math.abs(ms) >= step) ?? MINUTE;
  const unit = size === DAY ? 'day' : size === HOUR ? 'hour' : 'minute';
  const make = (locale: string | undefined): Intl.RelativeTimeFormat =>
    new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  return cached('ago', make, options.locale).format(-Math.trunc(ms / size), unit);
}
