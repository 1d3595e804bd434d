/**
 * What became of an approval, in words: who decided, how and when, what was changed, and what running it gave.
 * Invariant: the approver is the proven one of the record; a name that a caller gave is never shown as identity.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Via } from '../../schemas/people.ts';
import type { factAt } from './card-facts.ts';
import type { Tone } from './card-kind.ts';
import { isOpen, STATUS_TONES, statusOf, statusWord } from './card-status.ts';
import { type CardOptions, humanised, instantText, jsonText, visible } from './card-text.ts';
import { inWords, laterWordsOf, type Worded } from './card-words.ts';
import { diff, pointerNames } from './json-value.ts';

/** One edited value; null where it was added or removed. */
export type CardChange = { pointer: string; label: string; from: string | null; to: string | null };

export type Outcome = {
  word: string;
  tone: Tone;
  /** Null where nobody decided (expired, cancelled). */
  by: string | null;
  /** Null too where no person decided: a rule, or the trust budget. */
  via: string | null;
  at: string | null;
  reason: string | null;
  changes: CardChange[];
  /** What is to be done instead. */
  instead: string | null;
};

export type Run = {
  word: string;
  tone: Tone;
  attempts: number;
  result: string | null;
  error: string | null;
  at: string | null;
};

/** The end of a card: the outcome once nobody can decide any more, and the run where there is one. */
export type End = { outcome: Outcome | null; run: Run | null };

/** A channel in words; one that this build doesn't know yet as it is. */
export function viaWord(via: string, options: Worded = {}): string {
  const words = laterWordsOf(options).via;
  return Object.hasOwn(words, via) ? words[via as Via] : visible(via);
}

type Schema = Record<string, unknown>;
/** How a value at a pointer is written. Handed in, so that who has it already (the view) brings it once. */
type FactAt = typeof factAt;

/** The end of the card; both null while a decision is still possible. */
export function endOf(approval: Approval, schema: Schema, options: CardOptions, at: FactAt): End {
  return { outcome: outcomeOf(approval, schema, options, at), run: runOf(approval, options) };
}

function outcomeOf(approval: Approval, schema: Schema, options: CardOptions, at: FactAt): Outcome | null {
  const status = statusOf(approval, options.now_ms);
  if (isOpen(status)) return null;
  const { decision } = approval;
  const decided_at = decision?.decided_at ?? approval.decided_at;
  return {
    word: statusWord(status, options),
    tone: STATUS_TONES[status],
    by: decision ? visible(decision.approver_name) : null,
    // A rule's name says how already.
    via: decision && decision.via !== 'rule' ? viaWord(decision.via, options) : null,
    at: decided_at === null ? null : (instantText(decided_at, options) ?? visible(decided_at)),
    reason: decision?.reason ? visible(decision.reason) : null,
    changes: decision ? changesOf(approval, schema, options, at) : [],
    instead: decision?.override_action ? plainText(decision.override_action) : null,
  };
}

function changesOf(approval: Approval, schema: Schema, options: CardOptions, at: FactAt): CardChange[] {
  const { modified_params, modified_cost } = approval.decision ?? {};
  const edited = modified_params ? changesBetween(approval.params, modified_params, schema, options, at) : [];
  const cost = Object.entries(modified_cost ?? {}).map(([name, to]) => {
    const from = approval.cost?.[name as 'usd' | 'tokens'] ?? null;
    return {
      pointer: `/cost.${name}`,
      label: laterWordsOf(options).cost(name),
      from: from === null ? null : String(from),
      to: String(to),
    };
  });
  return [...edited, ...cost];
}

/** What differs between two versions of `params`, as typed text with the labels of the schema. */
export function changesBetween(
  from: Record<string, unknown>,
  to: Record<string, unknown>,
  schema: Schema,
  options: CardOptions,
  at: FactAt,
): CardChange[] {
  return diff(from, to).map(({ path }) => {
    const [before, after] = [at(from, schema, path, options), at(to, schema, path, options)];
    const text = (fact: typeof before): string | null =>
      fact === null ? null : fact.text || jsonText(fact.value);
    const label =
      before?.label ?? after?.label ?? inWords(humanised(pointerNames(path).at(-1) ?? path), options);
    return { pointer: path, label, from: text(before), to: text(after) };
  });
}

const RUN: Readonly<Record<NonNullable<Approval['execution']>['state'], Tone>> = {
  ready: 'info',
  running: 'info',
  executed: 'success',
  failed: 'danger',
  unknown: 'warning',
};

/** What running the approved action gave; null where there is nothing to run. */
function runOf({ execution }: Approval, options: CardOptions): Run | null {
  if (!execution) return null;
  const at = execution.finished_at ?? execution.started_at;
  return {
    word: laterWordsOf(options).run[execution.state],
    tone: RUN[execution.state],
    attempts: execution.attempts,
    result: execution.result === null || execution.result === undefined ? null : plainText(execution.result),
    error: execution.error === null ? null : visible(execution.error),
    at: at === null ? null : (instantText(at, options) ?? visible(at)),
  };
}

function plainText(value: unknown): string {
  return typeof value === 'string' ? visible(value) : jsonText(value);
}
