/**
 * The filters of the inbox. Templates and agents are offered as they occur in what was read; the server filters.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { type CardOptions, humanised, visible } from '../server/core/card-text.ts';
import { inWords } from '../server/core/card-words.ts';
import { countOf, type Filters, type State } from './inbox-model.ts';
import { schemaOf } from './parts.ts';
import { INBOX } from './words-inbox.ts';

/** Whether nothing is filtered out of what waits. */
export function plainly({ status, riskLevel, type, agentId, assignee, q }: Filters): boolean {
  return status === 'pending' && !(riskLevel || type || agentId || assignee || q);
}

type Put = (name: keyof Filters, value: string) => void;

export function renderFilters(
  now: Filters,
  { items, counts }: Pick<State, 'items' | 'counts'>,
  options: CardOptions,
  put: Put,
): TemplateResult {
  const known = new Set(items.map(({ type }) => type));
  const types = new Map([...known].map((type) => [type, typeName(type, options)]));
  const statuses = Object.entries(INBOX.filters).map(
    ([name, word]) => [name, counts ? INBOX.counted(word, countOf(name, counts)) : word] as const,
  );
  const agents = new Map(
    items.flatMap((item) =>
      item.agent_id ? [[item.agent_id, visible(item.agent_name ?? item.agent_id)]] : [],
    ),
  );
  return html`<div class="filters">
    ${choice(INBOX.statusFilter, statuses, now.status, (value) => put('status', value))}
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

function typeName(type: string, options: CardOptions): string {
  const { title } = schemaOf({ type, escalation_schema: null });
  return inWords(typeof title === 'string' ? title : humanised(type), options);
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
