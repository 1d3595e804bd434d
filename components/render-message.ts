/**
 * What people have said and done so far: a message of the conversation, and the votes.
 * Invariant: who speaks is told by kind in words and look.
 */
import { html, type TemplateResult } from 'lit';
import type { Message } from '../schemas/message.ts';
import { type CardOptions, instantText, visible } from '../server/core/card-text.ts';
import { agoText } from './time.ts';
import { PART_WORDS } from './words-parts.ts';

/** One message, with who speaks and when. */
export function renderMessage(message: Message, options: CardOptions): TemplateResult {
  const age_ms = options.now_ms - Date.parse(message.created_at);
  return html`<li class="message ${message.kind}" part="message">
    <p class="author">
      <b><bdi>${visible(message.author.name)}</bdi></b>
      <span class="badge neutral">${PART_WORDS[AUTHOR[message.kind]]}</span>
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
} as const satisfies Record<Message['kind'], keyof typeof PART_WORDS>;
