/**
 * What a person sent by the form of the review page, as one plain answer, or what is wrong at which field.
 * INVARIANT: nothing is guessed: no choice, two choices, or parts that contradict each other are no answer.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Card } from '../core/card.ts';
import type { Saying } from '../app/review-links.ts';
import { EDIT_PREFIX, editsOf, type Field } from './review-fields.ts';

export const CHOICES = ['approve', 'approve_with_edits', 'deny', 'ask'] as const;
export type Choice = (typeof CHOICES)[number];

/** By the name of the field; `choice` stands for the whole form. */
export type Problems = Map<string, string>;
export type Answer = { saying: Saying } | { problems: Problems };

/** The lengths that the API takes. */
const MAX_CHARS = 10_000;

/** `offered`: what the form let choose. */
export function answerOf(
  form: URLSearchParams,
  {
    card,
    approval,
    fields,
    offered,
  }: { card: Card; approval: Approval; fields: Field[]; offered: readonly Choice[] },
): Answer {
  const problems: Problems = new Map();
  const [chosen, ...others] = form.getAll('choice');
  const choice = CHOICES.find((one) => one === chosen);
  if (choice === undefined || !offered.includes(choice)) {
    return { problems: problems.set('choice', 'Nothing was sent yet: choose one of these first.') };
  }
  if (others.length > 0) return { problems: problems.set('choice', 'Choose one of these, not several.') };
  const said = (name: string) => (form.getAll(name).at(-1) ?? '').replaceAll('\r\n', '\n').trim();
  const [reason, question] = [said('reason'), said('question')];
  for (const [name, text] of [
    ['reason', reason],
    ['question', question],
  ] as const) {
    if (text.length > MAX_CHARS) problems.set(name, `This is too long: at most ${MAX_CHARS} characters.`);
  }
  const edits = editsOf(fields, approval, form);
  contradictions(choice, { reason, question, changed: edits.changed }, problems);
  if (choice === 'approve_with_edits') for (const [name, text] of edits.problems) problems.set(name, text);
  required(choice, card, { reason, question, confirm: said('confirm') }, problems);
  if (problems.size > 0) return { problems };
  return { saying: sayingOf(choice, reason, question, edits.patch) };
}

type Parts = { reason: string; question: string; changed: number };

function contradictions(choice: Choice, { reason, question, changed }: Parts, problems: Problems): void {
  if (choice !== 'ask' && question !== '')
    problems.set(
      'question',
      'You typed a question but chose something else. Choose “Ask a question”, or empty this.',
    );
  if (choice === 'ask' && reason !== '')
    problems.set('reason', 'You typed a reason but chose to ask. Choose a decision, or empty this.');
  if (choice === 'approve_with_edits' && changed === 0)
    problems.set('choice', 'You changed no value. Change one below, or choose “Approve” as it is.');
  if (choice !== 'approve_with_edits' && changed > 0)
    problems.set(
      'choice',
      'You changed values below. Choose “Approve with the changes below”, or put them back as they were.',
    );
}

function required(
  choice: Choice,
  { asks }: Card,
  said: { reason: string; question: string; confirm: string },
  problems: Problems,
): void {
  if (choice === 'ask') {
    if (said.question === '') problems.set('question', 'Write your question.');
    return;
  }
  const approves = choice !== 'deny';
  const due = approves ? asks.reason === 'always' : asks.reason !== 'never';
  if (due && said.reason === '' && !problems.has('reason'))
    problems.set(
      'reason',
      approves ? 'To approve this, say why.' : 'Say why you deny it; the agent is told.',
    );
  if (approves && asks.confirm !== null && said.confirm !== asks.confirm)
    problems.set('confirm', `To approve this, type “${asks.confirm}”.`);
}

function sayingOf(choice: Choice, reason: string, question: string, edits: Record<string, unknown>): Saying {
  const why = reason === '' ? null : reason;
  switch (choice) {
    case 'approve':
      return { choice, reason: why };
    case 'approve_with_edits':
      return { choice, edits, reason: why };
    case 'deny':
      return { choice, reason };
    case 'ask':
      return { choice, question };
    default:
      return choice satisfies never;
  }
}

/** Where the kernel found something wrong with edits, as names of the form's fields; the rest is for the whole form. */
export function problemsOf(
  issues: readonly { location: string; message: string }[],
  fields: readonly Field[],
): Problems {
  const problems: Problems = new Map();
  for (const { location, message } of issues) {
    const pointer = location.replace(/^edits/, '');
    const field = fields.find(({ fact }) => fact.pointer === pointer);
    const name = field ? EDIT_PREFIX + pointer : 'choice';
    const where = field || pointer === '' ? '' : `${pointer}: `;
    problems.set(name, `${where}This ${message}.`.replace(/^This /, field ? 'This ' : 'The change '));
  }
  return problems;
}
