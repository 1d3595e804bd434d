/**
 * Which actions are gated where nobody says otherwise (spec.md, section 5), and how policy turns into an answer.
 * Invariant: an action type's own word beats its primitive's, which beats the table; what nobody named passes.
 * Plain data, since the gate in a host's process reads it too.
 */

/** With the title that the waiting agent is told. */
export const GATED_BY_DEFAULT: Readonly<Record<string, string>> = {
  'cards.create': 'Issue a virtual card',
  'cards.cardholder.create': 'Create a cardholder',
  'cards.topup': 'Top up a card',
  'domains.purchase': 'Purchase a domain',
  'verification.start': 'Start a verification',
  'formation.create': 'Form a company',
  'formation.submit': 'File a formation',
  'connections.connect': 'Connect a service',
};
