/**
 * The head of the card: status strip, the one question, who asks, and the agent's words.
 * Invariant: what the agent says stands inside its frame; strip, badge and countdown are never filled from its text.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { riskBars } from './icons.ts';
import { parts } from './parts.ts';
import { agoText, spanText } from './time.ts';
import type { ViewModel } from './view-model.ts';
import { WORDS } from './words.ts';

/** Risk, status and the time that is left. Its signs are drawn in place: each template less is time less. */
export function renderStrip({ card, approval, options }: ViewModel): TemplateResult {
  const left_ms = Date.parse(approval.expires_at) - options.now_ms;
  const [lit, dim] = riskBars(card.risk.level);
  return html`<header class="strip" part="header">
    <span class="badge ${card.risk.level}" part="badge"
      ><svg class="icon bars" viewBox="0 0 16 16" aria-hidden="true">
        <path d=${lit} />
        <path class="off" d=${dim} />
      </svg>
      ${card.risk.word}</span
    >
    <bdi>${card.kind}</bdi>
    ${
      card.status.open
        ? html`<span class="num" part="countdown" title="${WORDS.expires} ${card.expires.text}">
            <svg class="icon line" viewBox="0 0 16 16" aria-hidden="true">
              <circle cx="8" cy="8" r="6.2" />
              <path d="M8 4.4V8l2.4 1.6" />
            </svg>
            <span aria-hidden="true">${WORDS.left(spanText(left_ms, options))}</span>
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
    ${parts?.renderVotes(card.votes, approval, options)}
  </div>`;
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
  const look = MAIN.has(kind) ? 'main' : '';
  const [line = WORDS.notStated, ...more] = lines;
  if (more.length === 0)
    return html`<div class="saying ${look}">
      <dt>${label}</dt>
      <dd>
        <p class=${lines.length === 1 ? 'prose' : 'faint'}><bdi>${line}</bdi></p>
      </dd>
    </div>`;
  return html`<div class="saying ${look}">
    <dt>${label}</dt>
    <dd>
      <ul>
        ${lines.map((one) => html`<li class="prose"><bdi>${one}</bdi></li>`)}
      </ul>
    </dd>
  </div>`;
}

/** What the system knows about the request itself. */
export function renderAbout({ card }: ViewModel): TemplateResult {
  return html`<section class="part">
    <h3>${WORDS.who}</h3>
    <dl class="facts">
      <div class="fact muted">
        <dt>${WORDS.action}</dt>
        <dd><bdi>${card.action_type}</bdi></dd>
      </div>
      <div class="fact muted">
        <dt>${WORDS.created}</dt>
        <dd>${card.created.text}</dd>
      </div>
      <div class="fact muted">
        <dt>${WORDS.expires}</dt>
        <dd>${card.expires.text}</dd>
      </div>
      ${card.who.details.map(
        ({ label, text }) =>
          html`<div class="fact muted">
            <dt>${label}</dt>
            <dd><bdi>${text}</bdi></dd>
          </div>`,
      )}
    </dl>
  </section>`;
}
