/** Who is missing on a request, and whether whoever asked may approve too. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Approval } from '../schemas/approval.ts';
import { routingNotes } from '../server/core/card-routing.ts';
import type { Worded } from '../server/core/card-words.ts';

export function renderRouting(approval: Approval, options: Worded): TemplateResult | typeof nothing {
  const notes = routingNotes(approval, options);
  return notes.length === 0 ? nothing : html`<p class="who"><bdi>${notes.join('; ')}</bdi></p>`;
}
