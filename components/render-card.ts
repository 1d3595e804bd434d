/**
 * The head of the card: status strip, the one question, who asks, headline values, and the agent's words.
 * Invariant: what the agent says stands inside its frame; strip, badge and countdown are never filled from its text.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { clockIcon, riskIcon } from './icons.ts';
import { parts } from './parts.ts';
import { plainItem } from './render-plain.ts';
import { agoText, spanText } from './time.ts';
import type { ViewModel } from './view-model.ts';
import { WORDS } from './words.ts';

type Inner = TemplateResult | typeof nothing;

/** Risk, status and the time that is left. */
export function renderStrip({ card, approval, options }: ViewModel): TemplateResult {
  const left_ms = Date.parse(approval.expires_at) - options.now_ms;
  return html`<header class="strip" part="header">
    <span class="badge ${card.risk.level}" part="badge">${riskIcon(card.risk.level)} ${card.risk.word}</span>
    <bdi>${card.kind}</bdi>
    ${
      card.status.open
        ? html`<span class="num" part="countdown" title=${`${WORDS.expires} ${card.expires.text}`}>
            ${clockIcon()}<span aria-hidden="true">${WORDS.left(spanText(left_ms, options))}</span>
            <span class="sr">${WORDS.expires} ${card.expires.text}</span>
          </span>`
        : html`<span class="badge ${card.status.tone}">${card.status.word}</span>`
    }
    <slot name="header-actions"></slot>
  </header>`;
}

/** The question, and below it who asks. */
export function renderQuestion({ card, approval, options }: ViewModel): TemplateResult {
  const age_ms = options.now_ms - Date.parse(approval.created_at);
  return html`<div class="ask">
    ${card.question.by_agent ? html`<p class="small faint">${WORDS.agentQuestion}</p>` : nothing}
    <h2 id="question" part="question" tabindex="-1"><bdi>${card.question.text}</bdi></h2>
    <p class="who">
      <b><bdi>${card.who.asks}</bdi></b> ${WORDS.asks}
      ${card.who.key === null ? nothing : html`<span><bdi>${WORDS.withKey(card.who.key)}</bdi></span>`}
      ${
        card.who.on_behalf_of === null
          ? nothing
          : html`<span><bdi>${WORDS.onBehalf(card.who.on_behalf_of)}</bdi></span>`
      }
      · <time datetime=${approval.created_at} title=${card.created.text}>${agoText(age_ms, options)}</time>
    </p>
    ${card.votes.needed > 1 ? parts?.renderVotes(card.votes) : nothing}
  </div>`;
}

/** At most two values, large. */
export function renderHeadline({ card }: ViewModel): Inner {
  if (card.headline.length === 0) return nothing;
  return html`<dl class="hero">
    ${card.headline.map(
      (fact) =>
        html`<div>
          <dt><bdi>${fact.label}</bdi></dt>
          <dd class=${fact.tone}><bdi>${fact.text}</bdi></dd>
        </div>`,
    )}
  </dl>`;
}

/** The agent's words, framed. What was left out of the three main blocks is said; the lesser ones go on one line. */
export function renderSaid({ card }: ViewModel): TemplateResult {
  const whole = ({ kind, lines }: Said): boolean => lines.length > 0 || MAIN.has(kind);
  const absent = card.says.filter((said) => !whole(said));
  return html`<section class="said" part="agent-words" aria-labelledby="said">
    <h3 id="said"><bdi>${WORDS.agentWords(card.who.asks)}</bdi></h3>
    <dl>${card.says.filter(whole).map(saying)}</dl>
    ${
      absent.length === 0
        ? nothing
        : html`<p class="faint small">${absent.map((said) => said.label).join(', ')}: ${WORDS.notStated}</p>`
    }
  </section>`;
}

type Said = ViewModel['card']['says'][number];
const MAIN: ReadonlySet<string> = new Set(['summary', 'why', 'happens', 'if_denied']);

function saying({ kind, label, lines }: Said): TemplateResult {
  return html`<div class="saying ${MAIN.has(kind) ? 'main' : ''}">
    <dt>${label}</dt>
    <dd>
      ${
        lines.length > 1
          ? html`<ul>
              ${lines.map((line) => html`<li class="prose"><bdi>${line}</bdi></li>`)}
            </ul>`
          : html`<p class=${lines.length === 1 ? 'prose' : 'faint'}>
              <bdi>${lines[0] ?? WORDS.notStated}</bdi>
            </p>`
      }
    </dd>
  </div>`;
}

/** What the system knows about the request itself. */
export function renderAbout({ card }: ViewModel): TemplateResult {
  const rows: [label: string, text: string][] = [
    [WORDS.action, card.action_type],
    [WORDS.created, card.created.text],
    [WORDS.expires, card.expires.text],
    ...card.who.details.map(({ label, text }): [string, string] => [label, text]),
  ];
  return html`<section class="part">
    <h3>${WORDS.who}</h3>
    <dl class="facts">
      ${rows.map(([label, text]) => plainItem({ label, text, kind: 'text', emphasis: 'muted' }))}
    </dl>
  </section>`;
}
