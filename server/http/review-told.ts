/**
 * What the review page says beside the card: where the link stands, what became of the approval, and what changed.
 * INVARIANT: a link that is used, over or of an older version says what happened; it is never an error page.
 */
import type { Card } from '../core/card.ts';
import { viaWord } from '../core/card-outcome.ts';
import { type CardOptions, instantText, visible } from '../core/card-text.ts';
import type { Happened } from '../core/commands.ts';
import type { Look } from '../app/review-look.ts';
import { html, type Html } from './html.ts';

const NOTHING = html``;

/** The notice on top of the page; nothing while the link may simply decide. */
export function standingOf(
  { stage, why, events, link, person }: Look,
  card: Card,
  options: CardOptions,
): Html {
  switch (stage) {
    case 'open':
      return NOTHING;
    case 'decided':
      return outcome(card, events, options);
    case 'used':
      return notice(
        'info',
        'You have answered by this link',
        html`${ownWords(events, person?.id ?? '')} ${line(why)}`,
      );
    case 'older':
      return notice(
        'warning',
        'Something changed since this mail',
        html`${line(why)} ${changes(events, link.version ?? 0, options)}`,
      );
    case 'expired':
      return notice('info', 'This link is over', line(why));
    case 'revoked':
      return notice('warning', 'This link was called back', line(why));
    case 'gone':
    case 'not_eligible':
      return notice('warning', 'You can’t decide on this', line(why));
    default:
      return stage satisfies never;
  }
}

/** A framed notice with a title; `role=status` reads it out when the page comes. */
export function notice(
  tone: 'info' | 'warning' | 'danger' | 'success' | 'neutral',
  title: string,
  body: Html,
): Html {
  return html`<section class="notice ${tone}" role="status">
    <h2>${title}</h2>
    ${body}
  </section>`;
}

function line(text: string | null): Html {
  return text === null ? NOTHING : html`<p>${text}</p>`;
}

function outcome(
  { outcome: found, run, status }: Card,
  events: readonly Happened[],
  options: CardOptions,
): Html {
  if (!found) return notice(status.tone, status.word, NOTHING);
  const { by, via, at, reason, changes: edits, instead } = found;
  const who = by === null ? NOTHING : html` by <b><bdi>${by}</bdi></b>`;
  const how = via === null ? '' : ` through ${via}`;
  const disowned = events.filter(({ type }) => type === 'approval.disowned').at(-1);
  return notice(
    found.tone,
    found.word,
    html`<p>${found.word}${who}${how}${at === null ? '' : `, ${at}`}.</p>
      ${
        reason === null
          ? NOTHING
          : html`<p>
              Reason: <q><bdi>${reason}</bdi></q>
            </p>`
      }
      ${instead === null ? NOTHING : html`<p>Instead: <bdi>${instead}</bdi></p>`}
      ${
        edits.length === 0
          ? NOTHING
          : html`<ul>
              ${edits.map(
                ({ label, from, to }) =>
                  html`<li>
                    <bdi>${label}</bdi>: <del><bdi>${from ?? 'nothing'}</bdi></del> →
                    <ins><bdi>${to ?? 'nothing'}</bdi></ins>
                  </li>`,
              )}
            </ul>`
      }
      ${run === null ? NOTHING : html`<p>${run.word}${run.at === null ? '' : `, ${run.at}`}${run.error === null ? '' : `: ${run.error}`}.</p>`}
      ${disowned ? html`<p><bdi>${disowned.actor.name}</bdi> said that it was not them, ${instantText(disowned.at, options) ?? disowned.at}.</p>` : NOTHING}`,
  );
}

/** What the member did last by a mail. */
function ownWords(events: readonly Happened[], member_id: string): Html {
  const own = events.findLast(({ actor, via }) => actor.id === member_id && via === 'email');
  if (own?.type === 'approval.question_asked')
    return html`<p>
      You asked: <q><bdi>${visible(own.data.message.content)}</bdi></q> The answer comes by mail.
    </p>`;
  if (own?.type === 'approval.voted')
    return html`<p>Your approval counts; others have to approve it too.</p>`;
  return NOTHING;
}

const WORDS: Readonly<Record<Happened['type'], string>> = {
  'approval.requested': 'asked for it',
  'approval.voted': 'approved it; others still have to',
  'approval.approved': 'approved it',
  'approval.approved_with_edits': 'approved it with changes',
  'approval.denied': 'denied it',
  'approval.overridden': 'named another action instead',
  'approval.taken_over': 'took it over',
  'approval.delegated': 'passed it on',
  'approval.expired': 'closed it, since its time was over',
  'approval.cancelled': 'withdrew it',
  'approval.question_asked': 'asked a question',
  'approval.context_answered': 'answered from the request',
  'approval.answered': 'answered',
  'approval.execution_started': 'began to run it',
  'approval.execution_deferred': 'put the run off',
  'approval.executed': 'ran it',
  'approval.failed': 'ended the run without success',
  'approval.unknown': 'lost sight of the run',
  'approval.disowned': 'said that a decision was not theirs',
};

/** What happened after the version of the mail, oldest first. */
function changes(events: readonly Happened[], version: number, options: CardOptions): Html {
  const later = events.slice(version);
  if (later.length === 0) return NOTHING;
  return html`<ul>
    ${later.map(
      (event) =>
        html`<li>
          <b><bdi>${visible(event.actor.name)}</bdi></b> ${WORDS[event.type]}${wordsOf(event)} ·
          ${viaWord(event.via)}, ${instantText(event.at, options) ?? event.at}
        </li>`,
    )}
  </ul>`;
}

function wordsOf(event: Happened): Html {
  if (!('message' in event.data)) return NOTHING;
  return html`: <q><bdi>${visible(event.data.message.content)}</bdi></q>`;
}
