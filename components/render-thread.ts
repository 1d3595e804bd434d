/**
 * The conversation and the form for a question. Invariant: who speaks is told by kind, so that an answer made from the
 * request can't pass for the agent's, nor the agent's for a person's. The look of a message is render-message.ts.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { Message } from '../schemas/message.ts';
import { visible } from '../server/core/card-text.ts';
import { parts } from './parts.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { WORDS } from './words.ts';

type Inner = TemplateResult | typeof nothing;

export function renderThread(model: ViewModel, on: Actions): Inner {
  const { messages, mayAsk, approval } = model;
  if (messages.length === 0 && !mayAsk) return nothing;
  return html`<section class="part" part="thread">
    <h3>${WORDS.questions(Math.max(messages.length, approval.message_count))}</h3>
    ${
      approval.open_question && mayAsk
        ? html`<p class="faint">${parts?.PART_WORDS.waitingForAnswer}</p>`
        : nothing
    }
    <ol class="thread">
      ${messages.map((message) => parts?.renderMessage(message, model.options) ?? plainMessage(message))}
    </ol>
    ${mayAsk ? askForm(model, on) : nothing}
  </section>`;
}

/** Without the parts: who speaks by kind, and what. */
function plainMessage({ author, kind, content }: Message): TemplateResult {
  return html`<li class="prose">${visible(`${author.name} (${kind}): ${content}`)}</li>`;
}

function askForm({ draft, busy }: ViewModel, on: Actions): TemplateResult {
  const submit = (event: Event): void => {
    event.preventDefault();
    on.ask();
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) on.ask();
  };
  return html`<form class="ask-form" @submit=${submit}>
    <textarea
      id="ask"
      rows="1"
      aria-label=${WORDS.askLabel}
      placeholder=${WORDS.askLabel}
      .value=${draft.question}
      @keydown=${keys}
      @input=${(event: Event) => on.draft({ question: (event.target as HTMLTextAreaElement).value })}
    ></textarea>
    <button type="submit" class="quiet" ?disabled=${draft.question.trim() === '' || busy !== null}>
      ${WORDS.ask}
    </button>
  </form>`;
}
