/**
 * What became of an approval, in words: who decided, how and when, what was changed, and what running it gave.
 * Invariant: the approver is the proven one of the record; a name that a caller gave is never shown as identity.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Via } from '../../schemas/people.ts';
import { factAt } from './card-facts.ts';
import type { Tone } from './card-kind.ts';
import { type CardOptions, humanised, instantText, jsonText, visible } from './card-text.ts';
import { inWords, wordsOf, type Worded } from './card-words.ts';
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

/** Whether people can still decide; the kernel's table (transitions.ts) says the same, which a test holds. */
export function isOpen(status: Approval['status']): boolean {
  return status === 'pending' || status === 'asked_question';
}

/** A channel in words; one that this build doesn't know yet as it is. */
export function viaWord(via: string, options: Worded = {}): string {
  const words = wordsOf(options).via;
  return Object.hasOwn(words, via) ? words[via as Via] : visible(via);
}

/** The outcome; null while a decision is still possible. */
export function outcomeOf(
  approval: Approval,
  schema: Record<string, unknown>,
  status: { word: string; tone: Tone },
  options: CardOptions,
): Outcome | null {
  if (isOpen(approval.status)) return null;
  const { decision } = approval;
  const at = decision?.decided_at ?? approval.decided_at;
  return {
    ...status,
    by: decision ? visible(decision.approver_name) : null,
    // A rule's name says how already.
    via: decision && decision.via !== 'rule' ? viaWord(decision.via, options) : null,
    at: at === null ? null : (instantText(at, options) ?? visible(at)),
    reason: decision?.reason ? visible(decision.reason) : null,
    changes: decision ? changesOf(approval, schema, options) : [],
    instead: decision?.override_action ? plainText(decision.override_action) : null,
  };
}

function changesOf(approval: Approval, schema: Record<string, unknown>, options: CardOptions): CardChange[] {
  const { modified_params, modified_cost } = approval.decision ?? {};
  const edited = modified_params ? changesBetween(approval.params, modified_params, schema, options) : [];
  const cost = Object.entries(modified_cost ?? {}).map(([name, to]) => {
    const from = approval.cost?.[name as 'usd' | 'tokens'] ?? null;
    return {
      pointer: `/cost.${name}`,
      label: wordsOf(options).cost(name),
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
  schema: Record<string, unknown>,
  options: CardOptions,
): CardChange[] {
  return diff(from, to).map(({ path }) => {
    const [before, after] = [factAt(from, schema, path, options), factAt(to, schema, path, options)];
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
export function runOf({ execution }: Approval, options: CardOptions): Run | null {
  if (!execution) return null;
  const at = execution.finished_at ?? execution.started_at;
  return {
    word: wordsOf(options).run[execution.state],
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
