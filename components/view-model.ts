/**
 * What the parts of the view are drawn from, and what they can ask of it.
 * Invariant: the render functions are pure in these two; only the element holds state or talks to the server.
 */
import type { Me } from '../client/client.ts';
import type { Approval } from '../schemas/approval.ts';
import type { AuditTrail } from '../schemas/event.ts';
import type { Message } from '../schemas/message.ts';
import type { Card } from '../server/core/card.ts';
import type { CardFact } from '../server/core/card-facts.ts';
import type { CardChange } from '../server/core/card-outcome.ts';
import type { CardOptions } from '../server/core/card-text.ts';

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

export type ViewModel = {
  approval: Approval;
  card: Card;
  options: CardOptions;
  draft: Draft;
  changes: CardChange[];
  messages: readonly Message[];
  audit: AuditTrail | 'failed' | null;
  me: Me | null;
  /** What is being sent. */
  busy: 'decision' | 'question' | null;
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
