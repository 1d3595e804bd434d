/**
 * One row of the inbox: risk edge and word, what is asked, who asks, how old it is and how long it is open.
 * Invariant: a row is a link to the approval's own page, so that it opens in a tab too; other protocols than http
 * never become links.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { Approval } from '../schemas/approval.ts';
import { questionOf, riskWord } from '../server/core/card.ts';
import { type CardFact, factAt } from '../server/core/card-facts.ts';
import { pointedFacts } from '../server/core/card-rich.ts';
import { statusOf, statusWord } from '../server/core/card-status.ts';
import { type CardOptions, visible } from '../server/core/card-text.ts';
import { schemaOf } from './parts.ts';
import { riskIcon } from './icons.ts';
import { agoText, spanText } from './time.ts';
import { WORDS } from './words.ts';

export function renderRow(
  approval: Approval,
  { selected, reachable }: { selected: boolean; reachable: boolean },
  options: CardOptions,
  on: { open(approval: Approval): void; reach(approval: Approval): void },
): TemplateResult {
  const open = (event: MouseEvent): void => {
    // Other buttons and keys open a tab, as links do.
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    on.open(approval);
  };
  const status = statusOf(approval, options.now_ms);
  const waiting = status === 'pending' || status === 'asked_question';
  const left_ms = Date.parse(approval.expires_at) - options.now_ms;
  return html`<a
    class="item edged ${approval.risk_level} ${waiting ? '' : 'done'}"
    part="row"
    href=${linkOf(approval)}
    aria-current=${selected ? 'true' : nothing}
    tabindex=${reachable ? 0 : -1}
    data-id=${approval.id}
    @focus=${() => on.reach(approval)}
    @click=${open}
  >
    <span class="top">
      <span class="risk">${riskIcon(approval.risk_level)} ${riskWord(approval.risk_level, options)}</span>
      <span class="when">${agoText(options.now_ms - Date.parse(approval.created_at), options)}</span>
    </span>
    <span class="title"><bdi>${questionText(approval, options)}</bdi></span>
    ${keyFact(approval, options)}
    <span class="top">
      <span class="agent"
        ><bdi>${visible(approval.agent_name ?? approval.agent_id ?? approval.requested_by.name)}</bdi></span
      >
      <span class="when">${ending(approval, waiting, status, left_ms, options)}</span>
    </span>
  </a>`;
}

function ending(
  approval: Approval,
  waiting: boolean,
  status: Approval['status'],
  left_ms: number,
  options: CardOptions,
): TemplateResult | string {
  if (waiting) return WORDS.left(spanText(left_ms, options, 1));
  const by = approval.decision ? ` · ${visible(approval.decision.approver_name)}` : '';
  return html`<bdi>${statusWord(status, options)}${by}</bdi>`;
}

/** What a row says of its request. Kept per approval: a new version is a new object. */
type RowText = { words: CardOptions['words']; question: string; fact: CardFact | null };
const texts = new WeakMap<Approval, RowText>();

function textOf(approval: Approval, options: CardOptions): RowText {
  const known = texts.get(approval);
  if (known && known.words === options.words) return known;
  const schema = schemaOf(approval);
  const question = questionOf(approval, schema, options).text;
  const pointed = (hint: 'headline' | 'summary'): CardFact[] =>
    pointedFacts(approval, schema, hint, options, factAt);
  const headline = pointed('headline');
  const first = headline.length > 0 ? headline : pointed('summary');
  // What is masked is for the view to show, and what the question says is said.
  const fact = first.find(({ kind, text }) => kind !== 'masked' && !question.includes(text)) ?? null;
  const made = { words: options.words, question, fact };
  texts.set(approval, made);
  return made;
}

export function questionText(approval: Approval, options: CardOptions): string {
  return textOf(approval, options).question;
}

/** The first value that stands out and is not in the question; nothing where the schema names none. */
function keyFact(approval: Approval, options: CardOptions): TemplateResult | typeof nothing {
  const { fact } = textOf(approval, options);
  return fact
    ? html`<span class="key"
        ><bdi>${fact.label}</bdi> <b class="num"><bdi>${fact.text}</bdi></b></span
      >`
    : nothing;
}

function linkOf(approval: Approval): string {
  return /^https?:\/\//i.test(approval.url) ? approval.url : `#${approval.id}`;
}
