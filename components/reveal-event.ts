/** The event of looking at a masked value, so that a host can keep it on its record. */

export class ApprovalRevealEvent extends Event {
  /** JSON Pointer into `params`; never the value. */
  readonly pointer: string;
  constructor(pointer: string) {
    super('approval-reveal', { bubbles: true, composed: true });
    this.pointer = pointer;
  }
}

declare global {
  interface HTMLElementEventMap {
    'approval-reveal': ApprovalRevealEvent;
  }
}
