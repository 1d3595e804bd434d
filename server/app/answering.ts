/**
 * From what was said in advance to what is stored: the request with that on its record, and the answer as a fact of its
 * own, in one commit.
 * INVARIANT: what a policy decided is stored as decided: it is never seen, counted or told as waiting for a person.
 */
import type { Approval } from '../../schemas/approval.ts';
import { textOf } from '../core/approval-text.ts';
import { FIRST_HASH, seal, type SealedEvent } from '../core/audit.ts';
import { type Context, type Happened, isRefusal } from '../core/commands.ts';
import { decide } from '../core/decide.ts';
import { type Effects, effectsOf } from '../core/effects.ts';
import { evolve } from '../core/evolve.ts';
import { policyOf } from '../core/principal.ts';
import type { Stated } from '../core/rule-match.ts';
import { TRUST_BUDGET } from '../core/trust.ts';
import type { Deps } from './deps.ts';
import type { Ruling } from './policy.ts';

/** A request that only has to be stored. */
export type Requested = { event: Happened; approval: Approval; stated: readonly Stated[]; context: Context };

export type Answering = {
  approval: Approval;
  head_hash: string;
  /** The events, and what each brings along. */
  facts: { sealed: SealedEvent; effects: Effects }[];
  /** True where no person is asked. */
  decided: boolean;
};

const NONE: Effects = { add: [], drop: [] };

/** The first event as text: what was asked, and what the request stated itself. */
export function requestedText(approval: Approval, stated: readonly Stated[], ruling: Ruling | null): string {
  const policy = ruling === null ? '' : `,"policy":${JSON.stringify(ruling)}`;
  return `{"approval":${textOf(approval)},"stated":${JSON.stringify(stated)}${policy}}`;
}

/** What to store of a request of which something was said; null where nothing was. */
export function answeringOf(
  ids: Deps['ids'],
  { event, approval: requested, stated, context }: Requested,
  ruling: Ruling,
): Answering | null {
  const { answer, shadow } = ruling;
  if (!answer && shadow.length === 0) return null;
  const approval = sampledBy(answer, requested);
  const place = (now: Approval) => placeOf(now, ids.make('evt', context.now_ms));
  const first = seal(
    event,
    { ...place(approval), prev_hash: FIRST_HASH },
    requestedText(approval, stated, ruling),
  );
  if (!answer || answer.effect === 'require') {
    const effects = effectsOf(event, approval, context.settings);
    return { approval, head_hash: first.hash, facts: [{ sealed: first, effects }], decided: false };
  }
  const by = policyOf(approval.workspace_id, answer.answered_by, answer.name);
  const { effect, explanation } = answer;
  const fact = decide(
    approval,
    { type: 'answer_by_policy', effect, explanation },
    { ...context, principal: by },
  );
  // A policy answers only what the kernel lets it answer; anything else is a fault of ours.
  if (isRefusal(fact)) throw new Error(`a policy could not answer: ${fact.detail}`);
  const next = evolve(approval, fact);
  const second = seal(fact, { ...place(next), prev_hash: first.hash });
  return {
    approval: next,
    head_hash: second.hash,
    facts: [
      { sealed: first, effects: NONE },
      { sealed: second, effects: { ...effectsOf(fact, next, context.settings), drop: [] } },
    ],
    decided: true,
  };
}

/** A request that trust would have approved says so itself: it is one by chance. */
function sampledBy(answer: Ruling['answer'], approval: Approval): Approval {
  if (answer?.effect !== 'require' || answer.answered_by !== TRUST_BUDGET) return approval;
  return { ...approval, sampled: answer.explanation };
}

/** Where an event of an approval stands, but for the hash before it. */
export function placeOf(approval: Approval, id: string): Omit<Parameters<typeof seal>[1], 'prev_hash'> {
  return { id, workspace_id: approval.workspace_id, approval_id: approval.id, sequence: approval.version };
}
