/**
 * The events of the elements, as classes. They bubble and cross the shadow boundary.
 * Invariant: `approval-decide` comes before anything is sent, and cancelling it sends nothing.
 */
import type { Approval } from '../schemas/approval.ts';
import type { DecisionKind } from '../schemas/decision.ts';
import type { Message } from '../schemas/message.ts';

const across: EventInit = { bubbles: true, composed: true };

export class ApprovalLoadedEvent extends Event {
  readonly approval: Approval;
  constructor(approval: Approval) {
    super('approval-loaded', across);
    this.approval = approval;
  }
}

/** What is about to be sent. Without a client, the host sends it. */
export type Deciding = {
  approval: Approval;
  decision: DecisionKind;
  reason: string | null;
  /** A JSON Merge Patch of `params`; null without edits. */
  edits: Record<string, unknown> | null;
  /** To whom it is passed on, and what is to be done instead; null with the other decisions. */
  delegate_to: string | null;
  override_action: string | null;
  /** The version that was shown. */
  version: number;
};

export class ApprovalDecideEvent extends Event {
  readonly detail: Deciding;
  constructor(detail: Deciding) {
    super('approval-decide', { ...across, cancelable: true });
    this.detail = detail;
  }
}

export class ApprovalDecidedEvent extends Event {
  readonly approval: Approval;
  constructor(approval: Approval) {
    super('approval-decided', across);
    this.approval = approval;
  }
}

export class ApprovalMessageEvent extends Event {
  readonly message: Message;
  constructor(message: Message) {
    super('approval-message', across);
    this.message = message;
  }
}

export class ApprovalErrorEvent extends Event {
  readonly error: unknown;
  constructor(error: unknown) {
    super('approval-error', across);
    this.error = error;
  }
}

export class ApprovalSelectEvent extends Event {
  readonly approval: Approval | null;
  constructor(approval: Approval | null) {
    super('approval-select', across);
    this.approval = approval;
  }
}

declare global {
  interface HTMLElementEventMap {
    'approval-loaded': ApprovalLoadedEvent;
    'approval-decide': ApprovalDecideEvent;
    'approval-decided': ApprovalDecidedEvent;
    'approval-message': ApprovalMessageEvent;
    'approval-error': ApprovalErrorEvent;
    'approval-select': ApprovalSelectEvent;
  }
}
