/**
 * The reading part of the review page: the core's card as plain HTML, complete without a script.
 * INVARIANT: what the agent says stands in a frame of its own and never among what the system knows; every leaf of the
 * action is on the page, at the latest under "All data".
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Card } from '../core/card.ts';
import type { Said } from '../core/card-said.ts';
import { jsonText } from '../core/card-text.ts';
import { routingNotes } from '../core/card-routing.ts';
import { pointerNames } from '../core/json-value.ts';
import { html, type Html } from './html.ts';
import { factsPart } from './review-facts.ts';

const NOTHING = html``;

/** The whole card. */
export function cardOf(card: Card, approval: Approval): Html {
  return html`<article class="card ${card.risk.level}" aria-labelledby="question">
    ${strip(card)} ${head(card, approval)} ${said(card)} ${factsPart('Details', card.facts)}
    ${factsPart('Context', card.context)} ${factsPart('What is sent', card.request)} ${about(card)}
    ${allData(card, approval)}
  </article>`;
}

function strip({ risk, kind, status, expires }: Card): Html {
  const time = status.open
    ? html`<span class="until">Open until <time datetime="${expires.at}">${expires.text}</time></span>`
    : html`<span class="badge ${status.tone}">${status.word}</span>`;
  return html`<header class="strip">
    <span class="badge ${risk.level}">${risk.word}</span> <bdi>${kind}</bdi> ${time}
  </header>`;
}

function head({ question, who, created, votes, headline }: Card, approval: Approval): Html {
  const own = question.by_agent ? html`<p class="help">The agent’s own words</p>` : NOTHING;
  const key = who.key === null ? NOTHING : html` with the key “<bdi>${who.key}</bdi>”`;
  const behalf = who.on_behalf_of === null ? NOTHING : html` on behalf of <bdi>${who.on_behalf_of}</bdi>`;
  const given = votes.given.length === 0 ? '' : `, so far: ${votes.given.join(', ')}`;
  const notes = routingNotes(approval).join('; ');
  return html`<div class="ask">
    ${own}
    <h2 id="question"><bdi>${question.text}</bdi></h2>
    <p class="by">
      <b><bdi>${who.asks}</bdi></b> asks${key}${behalf} ·
      <time datetime="${created.at}">${created.text}</time>
    </p>
    ${votes.needed > 1 ? html`<p class="by">${votes.given.length} of ${votes.needed} approvals<bdi>${given}</bdi></p>` : NOTHING}
    ${notes === '' ? NOTHING : html`<p class="by"><bdi>${notes}</bdi></p>`}
    ${
      headline.length === 0
        ? NOTHING
        : html`<dl class="hero">
            ${headline.map(
              ({ label, text, tone }) =>
                html`<div>
                  <dt><bdi>${label}</bdi></dt>
                  <dd class="${tone}"><bdi>${text}</bdi></dd>
                </div>`,
            )}
          </dl>`
    }
  </div>`;
}

const MAIN: ReadonlySet<string> = new Set(['summary', 'why', 'happens', 'if_denied']);

function said({ says, who }: Card): Html {
  const shown = says.filter(({ kind, lines }) => lines.length > 0 || MAIN.has(kind));
  const absent = says.filter((one) => !shown.includes(one)).map(({ label }) => label);
  return html`<section class="said" aria-labelledby="said">
    <h3 id="said">In the words of <bdi>${who.asks}</bdi></h3>
    <blockquote>
      <dl>${shown.map(saying)}</dl>
    </blockquote>
    ${absent.length === 0 ? NOTHING : html`<p class="help">${absent.join(', ')}: not stated by the agent</p>`}
  </section>`;
}

function saying({ label, lines }: Said): Html {
  const [first, ...more] = lines;
  const words =
    first === undefined
      ? html`<p class="faint">not stated by the agent</p>`
      : more.length === 0
        ? html`<p class="prose"><bdi>${first}</bdi></p>`
        : html`<ul>
            ${lines.map((line) => html`<li class="prose"><bdi>${line}</bdi></li>`)}
          </ul>`;
  return html`<div>
    <dt>${label}</dt>
    <dd>${words}</dd>
  </div>`;
}

function about({ action_type, created, expires, who }: Card): Html {
  const rows = [
    { label: 'Action', text: action_type },
    { label: 'Asked', text: created.text },
    { label: 'Open until', text: expires.text },
    ...who.details,
  ];
  return html`<section class="part">
    <h3>About this request</h3>
    <dl class="facts">
      ${rows.map(
        ({ label, text }) =>
          html`<div class="fact muted">
            <dt>${label}</dt>
            <dd><bdi>${text}</bdi></dd>
          </div>`,
      )}
    </dl>
  </section>`;
}

/** Everything as it was received, but for what the schema says is secret. */
function allData(card: Card, { params, context, request }: Approval): Html {
  const data: Record<string, unknown> = structuredClone({
    params,
    ...(Object.keys(context).length > 0 ? { context } : {}),
    ...(request ? { request } : {}),
  });
  for (const pointer of card.masked) mask(data, pointerNames(pointer));
  const more =
    card.unshown.length === 0
      ? NOTHING
      : html`<p class="notice warning" role="note">
          ${card.unshown.length} of ${card.leaf_count} values are not in the details above; they are below,
          under “All data”.
        </p>`;
  return html`${more}
    <details class="all" ${card.unshown.length === 0 ? NOTHING : html` open`}>
      <summary>All data (${card.leaf_count} values)</summary>
      <div class="scrolls" tabindex="0" role="region" aria-label="All data">
        <pre><bdi>${jsonText(data)}</bdi></pre>
      </div>
    </details>`;
}

function mask(holder: unknown, [name, ...rest]: readonly string[]): void {
  if (typeof holder !== 'object' || holder === null || name === undefined) return;
  const inside = holder as Record<string, unknown>;
  if (!Object.hasOwn(inside, name)) return;
  if (rest.length === 0) inside[name] = '••••••';
  else mask(inside[name], rest);
}
