/**
 * The conversation. Invariant: who speaks is told by kind in words and look, so that an answer made from the
 * request can't pass for the agent's, nor the agent's for a person's.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { Message } from '../schemas/message.ts';
import { instantText, visible } from '../server/core/card-text.ts';
import { agoText } from './time.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { WORDS } from './words.ts';

type Inner = TemplateResult | typeof nothing;

export function renderThread(model: ViewModel, on: Actions): Inner {
  const { messages, mayAsk, approval } = model;
  if (messages.length === 0 && !mayAsk) return nothing;
  return html`<section class="part" part="thread">
    <h3>${WORDS.questions(Math.max(messages.length, approval.message_count))}</h3>
    ${approval.open_question && mayAsk ? html`<p class="faint">${WORDS.waitingForAnswer}</p>` : nothing}
    <ol class="thread">
      ${messages.map((message) => messageItem(message, model))}
    </ol>
    ${mayAsk ? askForm(model, on) : nothing}
  </section>`;
}

function messageItem(message: Message, { options }: ViewModel): TemplateResult {
  const age_ms = options.now_ms - Date.parse(message.created_at);
  return html`<li class="message ${message.kind}" part="message">
    <p class="author">
      <b><bdi>${visible(message.author.name)}</bdi></b>
      <span class="badge neutral">${WORDS[AUTHOR[message.kind]]}</span>
      <time
        class="faint"
        datetime=${message.created_at}
        title=${instantText(message.created_at, options) ?? ''}
        >${agoText(age_ms, options)}</time
      >
    </p>
    <p class="prose"><bdi>${visible(message.content)}</bdi></p>
  </li>`;
}

const AUTHOR = {
  question: 'authorPerson',
  answer: 'authorAgent',
  context_answer: 'authorContext',
} as const satisfies Record<Message['kind'], keyof typeof WORDS>;

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
