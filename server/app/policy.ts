/**
 * What is decided in advance: the deciders that a new request is shown to, in order, before any person is asked.
 *
 * INVARIANT: the first decider that says anything decides; `require` keeps all later ones from approving.
 * INVARIANT: what an answer costs is spent in the transaction that stores the answer, or it is no answer.
 * Left out: what the deciders know (rules.ts) and storing the answer (answering.ts).
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Context } from '../core/commands.ts';
import type { PolicyAnswer, ShadowNote } from '../core/policy.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { RuleAction, Stated } from '../core/rule-match.ts';

/** A request that nobody has decided on, and which of its members it stated itself. */
export type Asked = { approval: Approval; stated: readonly Stated[]; context: Context };

export type Ruling = { answer: PolicyAnswer | null; shadow: ShadowNote[] };

/** What a decider says inside the transaction; it spends there what its answer costs. */
export type Ask = (t: Tables, asked: Asked) => Steps<Ruling>;

/** Before the transaction: null where a decider has nothing to say in this workspace, which then costs nothing. */
export type Decider = { of: (context: Context) => Promise<Ask | null> };

/** What is said of edits before they count: why they are refused, or since when a person is required for them. */
export type EditRuling = { denied: PolicyAnswer | null; required_since: string | null };
export type JudgeEdits = (action: RuleAction, context: Context) => EditRuling;

export type Policy = Decider & {
  /** Null where no rule could say anything of edits. */
  edits: (context: Context) => Promise<JudgeEdits | null>;
};

/** The policy of a server; `edits` belongs to the rules. */
export function createPolicy(deciders: readonly Decider[], edits: Policy['edits']): Policy {
  return {
    edits,
    of: async (context) => {
      const asks: Ask[] = [];
      for (const decider of deciders) {
        const ask = await decider.of(context);
        if (ask) asks.push(ask);
      }
      return asks.length === 0 ? null : (t, asked) => inOrder(asks, t, asked);
    },
  };
}

function* inOrder(asks: readonly Ask[], t: Tables, asked: Asked): Steps<Ruling> {
  const shadow: ShadowNote[] = [];
  for (const ask of asks) {
    const ruling = yield* ask(t, asked);
    shadow.push(...ruling.shadow);
    if (ruling.answer) return { answer: ruling.answer, shadow };
  }
  return { answer: null, shadow };
}
