/**
 * The filters of the inbox. Templates and agents are offered as they occur in what was read; the server filters.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { Approval } from '../schemas/approval.ts';
import { humanised, visible } from '../server/core/card-text.ts';
import { INBOX } from './words-inbox.ts';

export type Filters = {
  status: string;
  riskLevel: string;
  type: string | null;
  agentId: string | null;
  assignee: string | null;
  q: string | null;
};

/** Whether nothing is filtered out of what waits. */
export function plainly({ status, riskLevel, type, agentId, assignee, q }: Filters): boolean {
  return status === 'pending' && !(riskLevel || type || agentId || assignee || q);
}

type Put = (name: keyof Filters, value: string) => void;

export function renderFilters(now: Filters, items: readonly Approval[], put: Put): TemplateResult {
  const types = new Map(items.map(({ type }) => [type, humanised(type)]));
  const agents = new Map(
    items.flatMap((item) =>
      item.agent_id ? [[item.agent_id, visible(item.agent_name ?? item.agent_id)]] : [],
    ),
  );
  return html`<div class="filters">
    ${choice(INBOX.statusFilter, Object.entries(INBOX.filters), now.status, (value) => put('status', value))}
    ${choice(INBOX.riskFilter, Object.entries(INBOX.risks), now.riskLevel, (value) => put('riskLevel', value))}
    <details class="more-filters" ?open=${Boolean(now.type || now.agentId || now.assignee || now.q)}>
      <summary>${INBOX.moreFilters}</summary>
      <div class="filters">
        ${choice(INBOX.typeFilter, withAny(types, now.type), now.type ?? '', (value) => put('type', value))}
        ${choice(INBOX.agentFilter, withAny(agents, now.agentId), now.agentId ?? '', (value) => put('agentId', value))}
        <label
          >${INBOX.search}<input
            type="search"
            .value=${now.q ?? ''}
            @change=${(event: Event) => put('q', (event.target as HTMLInputElement).value)}
        /></label>
        <label class="tick"
          ><input
            type="checkbox"
            .checked=${now.assignee === 'me'}
            @change=${(event: Event) => put('assignee', (event.target as HTMLInputElement).checked ? 'me' : '')}
          />
          ${INBOX.mineFilter}</label
        >
      </div>
    </details>
  </div>`;
}

function withAny(known: ReadonlyMap<string, string>, chosen: string | null): [string, string][] {
  return [
    ...new Map([
      ['', INBOX.any],
      ...known,
      ...(chosen ? [[chosen, known.get(chosen) ?? chosen] as const] : []),
    ]),
  ];
}

function choice(
  label: string,
  options: readonly (readonly [string, string])[],
  value: string,
  put: (value: string) => void,
): TemplateResult | typeof nothing {
  return html`<label
    >${label}<select @change=${(event: Event) => put((event.target as HTMLSelectElement).value)}>
      ${options.map(([key, word]) => html`<option value=${key} ?selected=${key === value}>${word}</option>`)}
    </select></label
  >`;
}
