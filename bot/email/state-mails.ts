/**
 * The mail of an approval in each state, as the neutral model.
 *
 * INVARIANT: one Review button, and no address that decides anything. INVARIANT: a minimal mail holds risk, kind, agent,
 * state and expiry, and no word or value of the request.
 * Left out: which mail is sent when (latest.ts), and headers (compose.ts).
 */
import type { Message } from '../../schemas/message.ts';
import type { Card } from '../../server/core/card.ts';
import { visible } from '../../server/core/card-text.ts';
import type { MailLinks, Shown } from '../../server/core/channel-ports.ts';
import type { Happened } from '../../server/core/commands.ts';
import { minimalQuestion } from '../../server/core/minimal.ts';
import { bodyParts, mailCard, outcomeLine, outcomeParts, quoted, talkParts, whoParts } from './card-parts.ts';
import type { FootLine, Mail, MailKind, Part } from './mail.ts';
import { cut, oneLine, spanOf, subjectOf } from './words.ts';

/** What a mail is made from: the latest state, and whom it is for. `replies`: replies come in on this server. */
export type Telling = { shown: Shown; links: MailLinks; now_ms: number; replies: boolean };

type Wording = {
  kind: MailKind;
  /** What a list of mails shows, and what is said before everything else. */
  preheader: string;
  news: Part[];
  /** Whether all of the request is shown, or the outcome alone with its facts. */
  whole: boolean;
};

const MAX_TITLE = 400;

export function requestMail(telling: Telling): Mail {
  const { approval } = telling.shown;
  const passed = lastPassed(telling.shown.events);
  if (passed?.data.to === telling.links.member.id) return delegatedMail(telling);
  const shown = mailCard(approval, telling.now_ms);
  return mailOf(telling, { kind: 'request', preheader: waiting(shown, telling), news: [], whole: true });
}

function waiting(shown: Card, { shown: { approval }, now_ms }: Telling): string {
  const left = spanOf(Date.parse(approval.expires_at) - now_ms);
  return `${oneLine(shown.who.asks, 80)} asks. Decide within ${left}.`;
}

export function delegatedMail(telling: Telling): Mail {
  const passed = lastPassed(telling.shown.events);
  const by = passed ? oneLine(visible(passed.actor.name), 120) : 'Somebody';
  const text = `${by} delegated this decision to you.`;
  const reason: Part[] =
    passed?.data.reason && telling.shown.minimal !== true
      ? [
          {
            part: 'quote',
            title: `${by} wrote`,
            said: [quoted(visible(passed.data.reason)).said],
            silent: null,
          },
        ]
      : [];
  const news: Part[] = [{ part: 'note', tone: 'info', text }, ...reason];
  return mailOf(telling, { kind: 'delegated', preheader: text, news, whole: true });
}

/** A new version of what somebody was asked about: what happened since, and a link that is good for it. */
export function changedMail(telling: Telling, fresh: readonly Happened[]): Mail {
  const lines = fresh.flatMap(lineOf);
  const news: Part[] = lines.map((text) => ({ part: 'note', tone: 'info', text }));
  const old: Part = {
    part: 'small',
    text: 'The link below is for the state as it is now; use it in the place of older ones.',
  };
  const preheader = lines.at(-1) ?? 'This changed since your last mail.';
  return mailOf(telling, { kind: 'changed', preheader, news: [...news, old], whole: true });
}

function lineOf(event: Happened): string[] {
  const who = oneLine(visible(event.actor.name), 120);
  if (event.type === 'approval.voted') {
    const voids = event.data.voids_earlier
      ? ' Earlier votes count no more, because something was changed.'
      : '';
    return [`${who} approved.${voids}`];
  }
  if (event.type === 'approval.delegated')
    return [`${who} delegated this to ${oneLine(visible(event.data.to_name), 120)}.`];
  if (event.type === 'approval.escalated') {
    const names = event.data.to_names.map((name) => oneLine(visible(name), 120)).join(', ');
    return [`Nobody had decided, so ${names} may decide too now.`];
  }
  if (event.type === 'approval.rerouted') return ['Who may decide on this has changed.'];
  return event.type === 'approval.question_asked' ? [`${who} asked a question.`] : [];
}

/** An answer to a question about it. One that the server gave from the request is said to be that. */
export function answerMail(telling: Telling, message: Message): Mail {
  const { events, minimal } = telling.shown;
  const who = oneLine(visible(message.author.name), 120);
  const from_request = message.kind === 'context_answer';
  const text = from_request
    ? 'An answer from what the request says. The agent itself has not answered yet.'
    : `${who} answered${minimal ? '. Open it to read the answer.' : ':'}`;
  const question = questionOf(message, events);
  const asked: Part[] = question
    ? [
        {
          part: 'quote',
          title: `${oneLine(visible(question.author.name), 80)} asked`,
          said: [quoted(visible(question.content)).said],
          silent: null,
        },
      ]
    : [];
  const title = from_request ? 'From the request' : `${who} says`;
  const answer = quoted(visible(message.content));
  const more: Part[] = answer.cut
    ? [{ part: 'note', tone: 'warning', text: 'The answer is longer; the page shows all of it.' }]
    : [];
  const said: Part[] = [...asked, { part: 'quote', title, said: [answer.said], silent: null }, ...more];
  const news: Part[] = [{ part: 'strong', text }, ...(minimal ? [] : said)];
  const preheader = from_request ? 'An answer from what the request says.' : `${who} answered a question.`;
  return mailOf(telling, { kind: 'answer', preheader, news, whole: true });
}

/** What it answers: what it says it does, else the question before it. */
function questionOf(answer: Message, events: readonly Happened[]): Message | undefined {
  const said = events.flatMap(({ data }) => ('message' in data ? [data.message] : []));
  const at = said.findIndex(({ id }) => id === answer.id);
  const before = said.slice(0, at < 0 ? said.length : at).filter(({ kind }) => kind === 'question');
  return said.find(({ id }) => id === answer.in_reply_to) ?? before.at(-1);
}

/** Nobody has decided yet, and the time runs. */
export function reminderMail(telling: Telling): Mail {
  const left = spanOf(Date.parse(telling.shown.approval.expires_at) - telling.now_ms);
  const text = `Still waiting for you: ${left} left.`;
  return mailOf(telling, {
    kind: 'reminder',
    preheader: text,
    news: [{ part: 'note', tone: 'warning', text }],
    whole: true,
  });
}

/** Decided by somebody else or by nobody, and what running it gave. */
export function endMail(telling: Telling, kind: 'decided' | 'outcome'): Mail {
  const { approval, minimal } = telling.shown;
  const shown = mailCard(approval, telling.now_ms);
  const line = outcomeLine(shown, approval);
  const news: Part[] = minimal
    ? [{ part: 'strong', text: line }, ...runWord(shown)]
    : outcomeParts(shown, approval);
  const unknown: Part[] =
    approval.status === 'unknown'
      ? [
          {
            part: 'note',
            tone: 'warning',
            text: 'A person has to find out whether it ran, and settle it on the page.',
          },
        ]
      : [];
  const preheader = kind === 'outcome' && shown.run ? `${shown.run.word}. ${line}` : line;
  return mailOf(telling, { kind, preheader, news: [...news, ...unknown], whole: false });
}

/** What was done through a mail in somebody's name, to that person. */
export function confirmationMail(telling: Telling, fresh: readonly Happened[]): Mail {
  const { approval, minimal } = telling.shown;
  const shown = mailCard(approval, telling.now_ms);
  const own = fresh.findLast((event) => event.actor.id === telling.links.member.id && event.via === 'email');
  const done = shown.status.open && own ? (lineOf(own)[0] ?? '') : outcomeLine(shown, approval);
  const text = `In your name: ${done}`;
  const detail: Part[] = minimal ? runWord(shown) : outcomeParts(shown, approval).slice(1);
  const news: Part[] = [
    { part: 'strong', text },
    ...detail,
    {
      part: 'note',
      tone: 'warning',
      text: 'You did this through a link in a mail. If it was not you, say so at once:',
    },
    { part: 'link', text: 'This was not me', url: telling.links.not_me_url },
  ];
  return mailOf(telling, { kind: 'confirmation', preheader: text, news, whole: false });
}

function runWord({ run }: Card): Part[] {
  return run === null ? [] : [{ part: 'strong', text: `${run.word}.` }];
}

function lastPassed(events: readonly Happened[]): (Happened & { type: 'approval.delegated' }) | null {
  const passed = events.findLast((event) => event.type === 'approval.delegated');
  return passed?.type === 'approval.delegated' ? passed : null;
}

function mailOf(telling: Telling, { kind, preheader, news, whole }: Wording): Mail {
  const { shown: input, links, now_ms } = telling;
  const { approval, minimal } = input;
  const shown = mailCard(approval, now_ms);
  const { open } = shown.status;
  const question = minimal ? minimalQuestion(approval) : oneLine(shown.question.text, MAX_TITLE);
  const is_cut = !minimal && question !== shown.question.text.trim();
  const by_agent = !minimal && shown.question.by_agent;
  const title: Part[] =
    is_cut && question.endsWith('…')
      ? [{ part: 'small', text: 'The title is longer; the page shows all of it.' }]
      : [];
  const button: Part = {
    part: 'button',
    label: open ? 'Review and decide' : 'Open the record',
    url: links.review_url,
  };
  const body: Part[] = minimal
    ? [{ part: 'small', text: 'This workspace keeps what is asked out of mails. The page shows all of it.' }]
    : bodyParts(shown, whole);
  return {
    kind,
    subject: subjectOf(`[Approval] ${shown.risk.word}: ${question}`),
    preheader: cut(preheader, 140),
    mark: open
      ? { word: shown.risk.word, tone: shown.risk.tone }
      : { word: shown.status.word, tone: shown.status.tone },
    lead: by_agent ? `In the words of ${oneLine(shown.who.asks, 80)}:` : null,
    title: question,
    parts: [
      ...title,
      ...news,
      ...whoParts(minimal ? anonymous(shown) : shown, approval, now_ms),
      ...(minimal ? [] : talkParts(shown, approval, input.events)),
      ...(open && input.view_only ? [viewOnly(shown)] : []),
      button,
      ...body,
    ],
    foot: footOf(telling, shown),
    replies: telling.replies && open,
  };
}

/** Whom it is about is a particular as well. */
function anonymous(shown: Card): Card {
  return { ...shown, who: { ...shown.who, key: null, on_behalf_of: null } };
}

function viewOnly(shown: Card): Part {
  const text = `${shown.risk.word}: approving needs you to sign in, and the page offers that. You can deny and ask without.`;
  return { part: 'small', text };
}

function footOf({ shown: { approval, minimal }, links, replies }: Telling, shown: Card): FootLine[] {
  const { id, assignees, delegated_to, version } = approval;
  const named = assignees.includes(links.member.id) || delegated_to === links.member.id;
  const why = named
    ? 'it is assigned to you'
    : assignees.length > 0
      ? 'it is assigned to a group of yours, or you stand in for somebody'
      : 'you may decide in this workspace';
  const about = minimal ? '' : `${shown.kind} · ${shown.action_type} · `;
  return [
    ...(shown.status.open
      ? [
          {
            text: replies
              ? 'Reply to this mail to ask the agent a question. A reply never decides.'
              : 'To ask the agent a question, open the page.',
            url: null,
          },
          {
            text: 'The link is yours alone: whoever has it can decide in your name. Do not pass this mail on.',
            url: null,
          },
        ]
      : []),
    { text: `${about}${id} · version ${version}`, url: null },
    { text: `You get this mail, ${oneLine(links.member.name, 80)}, because ${why}.`, url: null },
    { text: 'No mails for a day:', url: links.mute_url },
  ];
}
