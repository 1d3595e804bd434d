/**
 * Mails that belong to no card: a code, a fresh link, an alarm; and many requests in one.
 * INVARIANT: a code is never in a subject or in what a list of mails shows.
 */
import type { MailLinks, Notice, Shown } from '../../server/core/channel-ports.ts';
import { visible } from '../../server/core/card-text.ts';
import { riskWord } from '../../server/core/card.ts';
import { minimalQuestion } from '../../server/core/minimal.ts';
import { mailCard } from './card-parts.ts';
import type { Mail, Part } from './mail.ts';
import { counted, oneLine, spanOf, subjectOf } from './words.ts';

const BASE = { mark: null, lead: null, foot: [], replies: false } as const;

export function noticeMail(notice: Notice): Mail {
  switch (notice.kind) {
    case 'code':
      return codeMail(notice);
    case 'link': {
      const question = oneLine(visible(notice.question), 400);
      return {
        ...BASE,
        kind: 'link',
        subject: subjectOf(`[Approval] ${riskWord(notice.risk)}: ${question}`),
        preheader: 'Your new link.',
        title: question,
        parts: [
          { part: 'text', text: oneLine(visible(notice.why), 400) },
          { part: 'button', label: 'Review and decide', url: notice.url },
          { part: 'small', text: 'The link is yours alone: whoever has it can decide in your name.' },
        ],
        foot: [
          { text: `You get this mail, ${nameIn(notice.name)}, because a new link was asked for.`, url: null },
        ],
      };
    }
    case 'not_me':
      return alarmMail(notice);
    default:
      return notice satisfies never;
  }
}

function codeMail(notice: Notice & { kind: 'code' }): Mail {
  const { name, code, url, minutes } = notice;
  const link: Part[] =
    url === null
      ? []
      : [
          { part: 'text', text: 'Or open this link in the same browser:' },
          { part: 'button', label: 'Sign in', url },
        ];
  return {
    ...BASE,
    kind: 'code',
    subject: 'Your code for Countersign',
    preheader: `Good for ${counted(minutes, 'minute')}.`,
    title: `Your code ${oneLine(visible(notice.for), 200)}`,
    parts: [
      {
        part: 'text',
        text: `Type it where it was asked for. It is good for ${counted(minutes, 'minute')}, once.`,
      },
      { part: 'code', code },
      ...link,
      {
        part: 'note',
        tone: 'warning',
        text: 'Give it to nobody. If you did not ask for it, do nothing: without it nobody gets in.',
      },
    ],
    foot: [{ text: `For ${nameIn(name)}.`, url: null }],
  };
}

function alarmMail({ who, question, url, stopped }: Notice & { kind: 'not_me' }): Mail {
  const person = nameIn(who);
  const text = stopped
    ? 'What had not run yet was stopped.'
    : 'It could not be stopped any more: it ran, or there was nothing to run. Look at what it did.';
  return {
    ...BASE,
    kind: 'not_me',
    subject: subjectOf(`[Approval] Alarm: ${person} says a decision was not theirs`),
    preheader: text,
    mark: { word: 'Alarm', tone: 'danger' },
    title: `${person} says: this decision was not mine`,
    parts: [
      { part: 'text', text: `It is about: ${oneLine(visible(question), 400)}` },
      { part: 'note', tone: 'danger', text },
      {
        part: 'text',
        text: 'Somebody else may read this person’s mail. Talk to them by another way, and end their sessions and keys if in doubt.',
      },
      { part: 'button', label: 'Open the record', url },
    ],
    foot: [{ text: 'You get this mail because you are an admin of the workspace.', url: null }],
  };
}

/** Many requests as one mail, each with a link of its own. */
export function digestMail(cards: readonly { shown: Shown; links: MailLinks }[], now_ms: number): Mail {
  const items = cards.map(({ shown: { approval, minimal }, links }) => {
    const { risk, question, who, expires } = mailCard(approval, now_ms);
    return {
      mark: risk.word,
      tone: risk.tone,
      title: minimal ? minimalQuestion(approval) : oneLine(question.text, 200),
      when: `${oneLine(who.asks, 80)} asks. ${spanOf(Date.parse(approval.expires_at) - now_ms)} left, until ${expires.text}.`,
      url: links.review_url,
    };
  });
  const title = `${counted(items.length, 'request')} ${items.length === 1 ? 'waits' : 'wait'} for you`;
  const first = cards[0]?.links;
  return {
    ...BASE,
    kind: 'digest',
    subject: subjectOf(`[Approval] ${title}`),
    preheader: 'Together in one mail, because many came at once or you wanted none for a while.',
    title,
    parts: [
      {
        part: 'text',
        text: 'They come together, because many came within a few minutes or you wanted no mails for a while. The words are those of the requests.',
      },
      { part: 'items', items },
    ],
    foot: [
      {
        text: 'Each link is yours alone: whoever has it can decide in your name. Do not pass this mail on.',
        url: null,
      },
      ...(first
        ? [
            {
              text: `You get this mail, ${nameIn(first.member.name)}, because you may decide on each of them.`,
              url: null,
            },
            { text: 'No mails for a day:', url: first.mute_url },
          ]
        : []),
    ],
  };
}

function nameIn(name: string): string {
  return oneLine(visible(name), 80);
}
