/**
 * What the parts of the view are drawn from, and what they can ask of it.
 * Invariant: the render functions are pure in these two; only the element holds state or talks to the server.
 */
import type { Me } from '../client/client.ts';
import type { Approval } from '../schemas/approval.ts';
import type { AuditTrail } from '../schemas/event.ts';
import type { Message } from '../schemas/message.ts';
import { schemaFor } from '../schemas/templates.ts';
import { type Card, card, statusOf } from '../server/core/card.ts';
import { editedParams } from '../server/core/card-edits.ts';
import type { CardFact } from '../server/core/card-facts.ts';
import { plainJson } from '../server/core/card-guard.ts';
import { type CardChange, changesBetween } from '../server/core/card-outcome.ts';
import type { CardOptions } from '../server/core/card-text.ts';
import type { Explained } from './explain.ts';

/** What the person has typed and not sent. */
export type Draft = {
  reason: string;
  confirm: string;
  question: string;
  editing: boolean;
  /** Typed values by pointer; only those that differ from what was asked. */
  edits: ReadonlyMap<string, unknown>;
  /** What is wrong with the text in a field, by pointer. */
  faults: ReadonlyMap<string, string>;
};

export function emptyDraft(): Draft {
  return { reason: '', confirm: '', question: '', editing: false, edits: new Map(), faults: new Map() };
}

/** What the element knows besides the approval. */
export type State = {
  messages: readonly Message[];
  audit: AuditTrail | 'failed' | null;
  me: Me | null;
  /** What is being sent. */
  busy: 'decision' | 'question' | null;
  alert: Explained | null;
  notice: string;
  /** Why there is nothing to show. */
  failure: Explained | null;
};

export function emptyState(): State {
  return { messages: [], audit: null, me: null, busy: null, alert: null, notice: '', failure: null };
}

export type ViewModel = Pick<State, 'messages' | 'audit' | 'me' | 'busy'> & {
  approval: Approval;
  card: Card;
  options: CardOptions;
  draft: Draft;
  changes: CardChange[];
  mayDecide: boolean;
  mayAsk: boolean;
  mayReadAudit: boolean;
  mayEdit: boolean;
  /** Decision kinds that the host allows. */
  allows: (kind: string) => boolean;
};

export type Actions = {
  draft(change: Partial<Draft>): void;
  edit(fact: CardFact, text: string): void;
  approve(): void;
  deny(): void;
  ask(): void;
  openAudit(): void;
};

type CardMemo = (approval: Approval, options: CardOptions) => Card;

/** The card, made anew only when it would differ: a running countdown alone changes nothing in it. */
export function createCardMemo(): CardMemo {
  let last: { key: unknown[]; card: Card } | null = null;
  return (approval, options) => {
    const key = [approval, options.locale, options.time_zone, statusOf(approval, options.now_ms)];
    if (!last || key.some((part, n) => part !== last?.key[n])) {
      last = { key, card: card(approval, schemaFor(approval.type, approval.escalation_schema), options) };
    }
    return last.card;
  };
}

/** What a host set may be no JSON (card-guard.ts); each object is looked through once. */
const tamed = new WeakMap<Approval, Approval>();

function tame(approval: Approval): Approval {
  const known = tamed.get(approval) ?? plainJson(approval);
  tamed.set(approval, known);
  return known;
}

type Around = {
  state: State;
  draft: Draft;
  options: CardOptions;
  readonly: boolean;
  /** Decision kinds that the host allows; null for all. */
  allowed: readonly string[] | null;
  /** Whether there is a server to ask. */
  online: boolean;
};

/** The view of an approval at this moment, for this person. The server has the last word on what they may do. */
export function viewModelOf(given: Approval, cardOf: CardMemo, around: Around): ViewModel {
  const approval = tame(given);
  const { state, draft, options, allowed, online } = around;
  const { me, audit, messages, busy } = state;
  const shown = cardOf(approval, options);
  const person = !me || (me.principal.kind === 'member' && me.role !== 'viewer');
  const open = shown.status.open && !around.readonly;
  const allows = (kind: string): boolean => allowed?.includes(kind) ?? true;
  const schema = schemaFor(approval.type, approval.escalation_schema);
  return {
    approval,
    options,
    draft,
    me,
    audit,
    messages,
    busy,
    allows,
    card: shown,
    changes: changesBetween(approval.params, editedParams(approval.params, draft.edits), schema, options),
    mayDecide: open && person && (allows('approve') || allows('deny')),
    mayAsk: open && person && online,
    mayEdit: open && person && shown.actions.includes('approve_with_edits') && allows('approve_with_edits'),
    mayReadAudit: online,
  };
}
