/**
 * What the view draws from: the approval, its card, and what the person has typed so far.
 * Invariant: pure; it decides what is offered, and the server what is allowed.
 */
import type { Me } from '../client/client.ts';
import type { Approval } from '../schemas/approval.ts';
import type { AuditTrail } from '../schemas/event.ts';
import type { Message } from '../schemas/message.ts';
import { type Asked, asked } from '../server/core/card.ts';
import { statusOf } from '../server/core/card-status.ts';
import { type CardFact, factAt, factsOf } from '../server/core/card-facts.ts';
import { isJson } from '../server/core/card-guard.ts';
import type { CardChange, End } from '../server/core/card-outcome.ts';
import type { CardOptions } from '../server/core/card-text.ts';
import type { Findings } from './check-value.ts';
import { type Draft, edited } from './draft.ts';
import type { Explained } from './explain.ts';
import type { Held } from './hold.ts';
import { type HostWidget, widgetFor } from './host-widgets.ts';
import { parts, schemaOf } from './parts.ts';

/** What the element knows besides the approval. */
export type State = {
  messages: readonly Message[];
  audit: AuditTrail | 'failed' | null;
  me: Me | null;
  /** What is being sent. */
  busy: 'decision' | 'question' | null;
  alert: Explained | null;
  notice: string;
  /** An approval at low risk that was pressed and can be taken back for so long. */
  held: Held | null;
  /** Whether the end of the details was in sight. */
  seen: boolean;
  /** Whether the card was drawn, and what is closed can be filled. */
  shown: boolean;
  /** Why there is nothing to show. */
  failure: Explained | null;
};

/** Before anything is known; never written into. */
export const EMPTY: State = {
  messages: [],
  audit: null,
  me: null,
  busy: null,
  alert: null,
  notice: '',
  held: null,
  seen: false,
  shown: false,
  failure: null,
};

/** The card as the view has it. */
export type Shown = Asked & End;

export type ViewModel = Pick<State, 'messages' | 'audit' | 'me' | 'busy' | 'held' | 'seen' | 'shown'> & {
  approval: Approval;
  card: Shown;
  schema: Record<string, unknown>;
  options: CardOptions;
  draft: Draft;
  /** The facts of `params`; with the rows that were added or removed while editing. */
  facts: readonly CardFact[];
  /** `params` as they would be. */
  params: Record<string, unknown>;
  changes: CardChange[];
  /** What stands against the edits, by pointer. */
  findings: Findings;
  mayDecide: boolean;
  mayAsk: boolean;
  mayReadAudit: boolean;
  /** Whether this person can say what became of a run whose outcome is unknown. */
  maySettle: boolean;
  mayEdit: boolean;
  /** Pointers into `params` for which the page brings its own content. */
  slotted: ReadonlySet<string>;
  silent: boolean;
  /** Known to be nothing but plain facts. */
  plain: boolean;
  /** The page's own widget for a fact. */
  widgetFor: (fact: CardFact) => HostWidget | undefined;
  /** Decision kinds that the host allows and the approval is open for. */
  allows: (kind: string) => boolean;
};

export type Actions = {
  draft(change: Partial<Draft>): void;
  /** A text was typed into a fact's field. */
  type(fact: CardFact, text: string): void;
  /** A value was chosen for a place. */
  put(pointer: string, value: unknown): void;
  decide(kind: 'approve' | 'deny' | 'delegate' | 'override' | 'take_over'): void;
  /** Takes back what was pressed and is not sent yet. */
  undo(): void;
  ask(): void;
  settle(outcome: 'executed' | 'failed'): void;
  edit(): void;
  /** Offers the other decisions, or no longer. */
  more(): void;
  openAudit(): void;
};

type CardMemo = (approval: Approval, options: CardOptions) => Shown;

/** The card, made anew only when it would differ: a running countdown alone changes nothing in it. */
export function createCardMemo(): CardMemo {
  let last: { key: unknown[]; card: Shown } | null = null;
  return (approval, options) => {
    const schema = schemaOf(approval);
    const key = [
      approval,
      schema,
      parts,
      options.locale,
      options.words,
      options.time_zone,
      statusOf(approval, options.now_ms),
    ];
    if (!last || key.some((part, n) => part !== last?.key[n])) {
      const end = parts?.endOf(approval, schema, options, factAt) ?? { outcome: null, run: null };
      last = { key, card: { ...asked(approval, schema, options), ...end } };
    }
    return last.card;
  };
}

/** What a host set may be no JSON (card-guard.ts); each object is looked through once. */
const tamed = new WeakMap<Approval, Approval>();

/** The approval as JSON; undefined while what makes it one is missing. */
export function tame(approval: Approval): Approval | undefined {
  const known = tamed.get(approval) ?? (isJson(approval) ? approval : parts?.jsonOf(approval));
  if (known) tamed.set(approval, known);
  return known;
}

type Around = {
  state: State;
  draft: Draft;
  options: CardOptions;
  readonly: boolean;
  /** Whether it is left to the page to say what may be done. */
  silent: boolean;
  /** Decision kinds that the host allows; null for all. */
  allowed: readonly string[] | null;
  /** Whether there is a server to ask. */
  online: boolean;
  /** Whether that server can be told what became of a run. */
  settles: boolean;
  slotted: ReadonlySet<string>;
  plain: boolean;
};

/** The view of an approval at this moment, for this person. The server has the last word on what they may do. */
export function viewModelOf(approval: Approval, cardOf: CardMemo, around: Around): ViewModel {
  const { state, draft, options, allowed, online, slotted, plain, silent } = around;
  const { me, audit, messages, busy, held, seen, shown } = state;
  const card = cardOf(approval, options);
  const may = (what: string): boolean => me?.may?.includes(what) ?? true;
  const lively = card.status.open && !around.readonly;
  const open = lively && may('decide');
  const allows = (kind: string): boolean =>
    (allowed?.includes(kind) ?? true) && (card.actions as string[]).includes(kind);
  const schema = schemaOf(approval);
  const params = edited(approval.params, draft.edits);
  const touched = params !== approval.params;
  const lists = new Map([...draft.edits].filter(([, value]) => Array.isArray(value)));
  const mayEdit = open && !held && allows('approve_with_edits');
  return {
    approval,
    schema,
    options,
    slotted,
    plain,
    silent,
    widgetFor,
    draft: { ...draft, editing: draft.editing && mayEdit },
    me,
    audit,
    messages,
    busy,
    held,
    seen,
    allows,
    shown,
    card,
    facts: lists.size === 0 ? card.facts : factsOf(edited(approval.params, lists), schema, options).facts,
    params,
    changes: (touched && parts?.changesBetween(approval.params, params, schema, options, factAt)) || [],
    findings: (touched && parts?.check(schema, params)) || new Map(),
    mayDecide: open && ['approve', 'deny', 'delegate', 'override', 'take_over'].some(allows),
    mayAsk: lively && online && may('comment'),
    mayEdit,
    mayReadAudit: online,
    maySettle: may('settle') && around.settles && !around.readonly && approval.status === 'unknown',
  };
}
