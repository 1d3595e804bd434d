/**
 * The form of the review page: one choice with nothing preselected, the values that may be edited, a reason, a question,
 * and one button.
 * INVARIANT: only what is possible is offered. INVARIANT: no press of a button alone decides anything.
 */
import type { Card } from '../core/card.ts';
import type { Approving } from '../app/review-look.ts';
import { html, type Html } from './html.ts';
import { NONCE_FIELD } from './browser-proof.ts';
import type { Choice, Problems } from './review-answer.ts';
import { EDIT_PREFIX, type Field, fieldHtml } from './review-fields.ts';

const NOTHING = html``;

export type FormParts = {
  card: Card;
  fields: Field[];
  offered: readonly Choice[];
  approving: Approving;
  nonce: string;
  /** What came back with the form; null at first. */
  typed: URLSearchParams | null;
  problems: Problems;
};

const WORDS: Readonly<Record<Choice, { title: string; help: string }>> = {
  approve: { title: 'Approve', help: 'Exactly as it stands above.' },
  approve_with_edits: { title: 'Approve with the changes below', help: 'It is done with your values.' },
  deny: { title: 'Deny', help: 'It is not done. Say why.' },
  ask: { title: 'Ask a question', help: 'Nothing is decided; the agent answers and you get a new mail.' },
};

/** What may be chosen: refusing and asking always, approving where it is possible here. */
export function offeredOf(card: Card, { may }: Approving, fields: readonly Field[]): Choice[] {
  const approves = may === 'yes' && card.actions.includes('approve');
  return [
    ...(approves ? (['approve'] as const) : []),
    ...(approves && fields.length > 0 ? (['approve_with_edits'] as const) : []),
    ...(card.actions.includes('deny') ? (['deny'] as const) : []),
    ...(card.actions.includes('ask') ? (['ask'] as const) : []),
  ];
}

export function formHtml(parts: FormParts): Html {
  const { offered, nonce, typed, problems, card } = parts;
  const chosen = typed?.getAll('choice').length === 1 ? typed.get('choice') : null;
  const text = (name: string) => typed?.get(name) ?? '';
  const edits = offered.includes('approve_with_edits') ? editPart(parts) : NOTHING;
  const approves = offered.includes('approve');
  const reason = card.asks.reason === 'always' && approves ? 'Reason' : 'Reason (needed to deny)';
  return html`<form method="post" class="decide" novalidate aria-labelledby="decide">
    <h2 id="decide">Your answer</h2>
    <input type="hidden" name="${NONCE_FIELD}" value="${nonce}" />
    <fieldset${problems.has('choice') ? html` aria-invalid="true" aria-describedby="choice-problem"` : NOTHING}>
      <legend>What do you say?</legend>
      ${problemHtml(problems, 'choice')} ${offered.map((choice) => choiceHtml(choice, choice === chosen))}
    </fieldset>
    ${edits} ${areaHtml('reason', reason, text('reason'), problems)}
    ${offered.includes('ask') ? areaHtml('question', 'Question to the agent', text('question'), problems) : NOTHING}
    ${approves && card.asks.confirm !== null ? confirmHtml(card.asks.confirm, text('confirm'), problems) : NOTHING}
    <p class="send"><button class="confirm">Confirm</button></p>
  </form>`;
}

function problemHtml(problems: Problems, name: string): Html {
  const problem = problems.get(name);
  return problem === undefined ? NOTHING : html`<p class="problem" id="${name}-problem">${problem}</p>`;
}

function choiceHtml(choice: Choice, checked: boolean): Html {
  const { title, help } = WORDS[choice];
  return html`<label class="choice ${choice}">
    <input type="radio" name="choice" value="${choice}" ${checked ? html` checked` : NOTHING} />
    <span><b>${title}</b> <span class="help">${help}</span></span>
  </label>`;
}

function editPart({ fields, typed, problems }: FormParts): Html {
  const wrong = fields.some(({ fact }) => problems.has(EDIT_PREFIX + fact.pointer));
  const open = typed !== null || wrong ? html` open` : NOTHING;
  return html`<details class="edits" ${open}>
    <summary>Values you may change (${fields.length})</summary>
    ${fields.map((field) => {
      const name = EDIT_PREFIX + field.fact.pointer;
      return fieldHtml(field, typed?.get(name) ?? null, problems.get(name) ?? null);
    })}
  </details>`;
}

function areaHtml(name: 'reason' | 'question', label: string, text: string, problems: Problems): Html {
  const wrong = problems.has(name) ? html` aria-invalid="true" aria-describedby="${name}-problem"` : NOTHING;
  return html`<div class="field">
    <label for="f-${name}">${label}</label>
    ${problemHtml(problems, name)}
    <textarea id="f-${name}" name="${name}" rows="2" maxlength="10000" ${wrong}>${text}</textarea>
  </div>`;
}

function confirmHtml(word: string, text: string, problems: Problems): Html {
  const wrong = problems.has('confirm')
    ? html` aria-invalid="true" aria-describedby="confirm-problem"`
    : NOTHING;
  return html`<div class="field">
    <label for="f-confirm">To approve, type “<bdi>${word}</bdi>”</label>
    ${problemHtml(problems, 'confirm')}
    <input id="f-confirm" name="confirm" type="text" autocomplete="off" value="${text}" ${wrong} />
  </div>`;
}
