/**
 * What a change of the settings makes looser, in the words of a person.
 *
 * INVARIANT: what nobody said how to judge counts as looser: a new setting is guarded until it has a row here.
 * Left out: members, rules, gates, groups and keys (loosening-others.ts), and who has to approve (app/changes.ts).
 */
import { RISK_LEVELS } from '../../schemas/approval.ts';
import { ASSURANCES } from '../../schemas/people.ts';
import { isRecord, sameJson } from './json-value.ts';

/** One thing that changes; `loosens` where it needs another admin. */
export type Difference = { what: string; before: string; after: string; loosens: boolean };

/** `Quorum for high risk: 2 -> 1` */
export function sentenceOf({ what, before, after }: Difference): string {
  return `${what}: ${before} -> ${after}`;
}

type Looser = (before: unknown, after: unknown) => boolean;
type Row = (before: unknown, after: unknown) => Difference[];

/** What a workspace may change as it likes: it says whom is told and how, never who decides or how surely. */
const FREE = ['notify', 'mail_digest_after', 'idempotent_targets'];

const less: Looser = (before, after) => Number(after ?? 0) < Number(before ?? 0);
const more: Looser = (before, after) => less(after, before);
const turnedOn: Looser = (before, after) => before !== true && after === true;
const turnedOff: Looser = (before, after) => before === true && after !== true;
const lowerIn =
  (ladder: readonly unknown[]): Looser =>
  (before, after) =>
    ladder.indexOf(after) < ladder.indexOf(before);
/** Nothing set is the whole ladder: no limit. */
const wider: Looser = (before, after) => rankOf(after) > rankOf(before);
const LIMITS: readonly unknown[] = ['none', ...RISK_LEVELS];
const rankOf = (limit: unknown): number => (limit === undefined ? LIMITS.length : LIMITS.indexOf(limit));

const ROWS: Readonly<Record<string, Row>> = {
  quorum: byRisk('Quorum', less, plain),
  life_s: byRisk('Life of a request', more, duration),
  assurance: byRisk('Assurance', lowerIn(ASSURANCES), plain),
  allow_self_approval: one('People may approve what they asked for themselves', turnedOn, yesNo),
  execution_window_s: one('Time to run after the decision', more, duration),
  execution_window_by_risk: byRisk('Time to run after the decision', longerOrUnset, duration),
  risk_floor: byName(
    'Least risk of',
    (before, after) =>
      before !== undefined && RISK_LEVELS.indexOf(after as never) < RISK_LEVELS.indexOf(before as never),
  ),
  slack_by_email: one('A Slack account acts by its address', turnedOn, yesNo),
  channel_limits: byName('Highest risk approved in', wider),
  mail_minimal: listed('Mails without content for'),
  mail_minimal_all: one('All mails without content', turnedOff, yesNo),
  routes: routes,
  trust: members({
    enabled: one('Trust budgets', turnedOn, onOff),
    max_risk: one('Trust budgets up to risk', lowerIn(RISK_LEVELS.toReversed()), plain),
    min_decisions: one('Decisions that trust takes', less, plain),
    min_score: one('Score that trust takes', less, plain),
    usd_per_window: one('USD that a trust budget spends in one window', more, plain),
    count_per_window: one('Requests that a trust budget approves in one window', more, plain),
    window_s: one('Window of a trust budget', less, duration),
    half_life_s: one('Half-life of trust', more, duration),
    sample_rate: one('Share of trusted requests that people see', less, percent),
  }),
};

/** Everything that differs, member by member; both sides hold the same members. */
export function settingsDifferences(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    if (sameJson(before[name] ?? null, after[name] ?? null)) return [];
    const row = Object.hasOwn(ROWS, name) ? ROWS[name] : undefined;
    return row ? row(before[name], after[name]) : unjudged(name, before[name], after[name]);
  });
}

function unjudged(name: string, before: unknown, after: unknown): Difference[] {
  return [
    { what: `Setting ${name}`, before: plain(before), after: plain(after), loosens: !FREE.includes(name) },
  ];
}

function one(what: string, looser: Looser, text: (value: unknown) => string): Row {
  return (before, after) =>
    sameJson(before ?? null, after ?? null)
      ? []
      : [{ what, before: text(before), after: text(after), loosens: looser(before, after) }];
}

function byRisk(what: string, looser: Looser, text: (value: unknown) => string): Row {
  return (before, after) =>
    RISK_LEVELS.flatMap((risk) =>
      one(`${what} for ${risk} risk`, looser, text)(memberOf(before, risk), memberOf(after, risk)),
    );
}

function byName(what: string, looser: Looser): Row {
  return (before, after) => {
    const names = new Set([...namesOf(before), ...namesOf(after)]);
    return [...names].flatMap((name) =>
      one(`${what} ${name}`, looser, plain)(memberOf(before, name), memberOf(after, name)),
    );
  };
}

function members(rows: Readonly<Record<string, Row>>): Row {
  return (before, after) => {
    const names = new Set([...namesOf(before), ...namesOf(after)]);
    return [...names].flatMap((name) => {
      const [from, to] = [memberOf(before, name), memberOf(after, name)];
      const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
      if (row) return row(from, to);
      return sameJson(from ?? null, to ?? null) ? [] : unjudged(name, from, to);
    });
  };
}

/** Looser by what leaves the list. */
function listed(what: string): Row {
  return (before, after) => {
    const kept = new Set(itemsOf(after).map(plain));
    const loosens = itemsOf(before).some((item) => !kept.has(plain(item)));
    return [{ what, before: plain(before), after: plain(after), loosens }];
  };
}

/** The first that fits counts, so only what is added at the end takes nothing away. */
function routes(before: unknown, after: unknown): Difference[] {
  const from = itemsOf(before);
  const loosens = !sameJson(from, itemsOf(after).slice(0, from.length));
  return [{ what: 'Routes', before: plain(before), after: plain(after), loosens }];
}

function longerOrUnset(before: unknown, after: unknown): boolean {
  return before !== undefined && (after === undefined || more(before, after));
}

function memberOf(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function namesOf(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

function itemsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function plain(value: unknown): string {
  if (value === undefined || value === null) return 'not set';
  if (Array.isArray(value) && value.length === 0) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function yesNo(value: unknown): string {
  return value === true ? 'yes' : 'no';
}

function onOff(value: unknown): string {
  return value === true ? 'on' : 'off';
}

function percent(value: unknown): string {
  return typeof value === 'number' ? `${Math.round(value * 1000) / 10} %` : plain(value);
}

const UNITS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
] as const;

function duration(value: unknown): string {
  if (typeof value !== 'number') return plain(value);
  const unit = UNITS.find(([seconds]) => value >= seconds && value % seconds === 0);
  return unit ? `${value / unit[0]} ${unit[1]}` : `${value} s`;
}
