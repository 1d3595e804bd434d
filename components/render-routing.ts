/** Who has approved, who is missing on a request, and whether whoever asked may approve too. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Approval } from '../schemas/approval.ts';
import type { Card } from '../server/core/card.ts';
import { routingNotes } from '../server/core/card-routing.ts';
import type { Worded } from '../server/core/card-words.ts';
import { PART_WORDS } from './words-parts.ts';

/** Nothing where one approval of anybody is enough. */
export function renderVotes(
  { needed, given }: Card['votes'],
  approval: Approval,
  options: Worded,
): TemplateResult {
  const notes = routingNotes(approval, options);
  return html`${needed > 1 ? count(needed, given) : nothing}${
    notes.length === 0 ? nothing : html`<p class="who"><bdi>${notes.join('; ')}</bdi></p>`
  }`;
}

function count(needed: number, given: readonly string[]): TemplateResult {
  return html`<p class="who">
    <span class="badge info">${PART_WORDS.votes(given.length, needed)}</span>
    ${given.length === 0 ? nothing : html`<bdi>${PART_WORDS.votesBy(given.join(', '))}</bdi>`}
  </p>`;
}
