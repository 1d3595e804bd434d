/**
 * Mail as a channel: a request is a mail, whatever follows is a further mail in its thread.
 *
 * INVARIANT: mails go to members of the workspace alone; an address that is nobody's gets nothing.
 * INVARIANT: the same mail of a card has the same Message-ID whenever it is made.
 * Left out: what comes in (read-*.ts), holding mails back (server/app).
 */
import { randomUUID } from 'node:crypto';
import type { Message } from '../../schemas/message.ts';
import { isOpen } from '../../schemas/approval.ts';
import {
  type Address,
  type Channel,
  ChannelError,
  type ChannelDoor,
  type MailLinks,
  type Posted,
  type Shown,
} from '../../server/core/channel-ports.ts';
import { followUpId, looseId, requestId, type Sender } from './addresses.ts';
import type { Compose, Cover } from './compose.ts';
import { mayConcern, newsOf } from './latest.ts';
import type { Mail } from './mail.ts';
import { digestMail, noticeMail } from './notice-mails.ts';
import {
  answerMail,
  changedMail,
  confirmationMail,
  delegatedMail,
  endMail,
  reminderMail,
  requestMail,
  type Telling,
} from './state-mails.ts';
import type { Transport } from './transport.ts';

export type EmailDeps = {
  door: Pick<ChannelDoor, 'mailLinks'>;
  transport: Transport;
  compose: Compose;
  sender: Sender;
  /** Whether replies and bounces come in on this server. */
  replies: boolean;
  now: () => number;
};

const NOBODY = 'No member of this workspace has this mail address any more.';

export function createEmailChannel(deps: EmailDeps): Channel {
  const { sender } = deps;
  const follow = (to: Address, shown: Shown, what: string, write: (telling: Telling) => Mail | null) =>
    tell(deps, to, shown, { what, write });
  return {
    name: 'email',
    repeatable: true,
    post: (to, shown) => post(deps, to, shown),
    update: async (posted, shown, since) => {
      // An event's place is the version it made (docs/decisions/0006).
      const fresh = shown.events.slice(since);
      if (!mayConcern(fresh)) return;
      await follow(posted, shown, `v${shown.approval.version}`, (telling) => newsMail(telling, fresh));
    },
    say: async (posted, message, shown) => {
      if (!isOpen(shown.approval.status) || shown.quiet) return;
      await follow(posted, shown, `said.${message.id}`, (telling) =>
        isForReader(message, telling) ? answerMail(telling, message) : null,
      );
    },
    remind: async (posted, shown, nth) => {
      if (!isOpen(shown.approval.status) || shown.quiet) return;
      await follow(posted, shown, `remind-${nth}`, (telling) =>
        isDone(telling) ? null : reminderMail(telling),
      );
    },
    digest: (to, cards, key) => sendDigest(deps, to, cards, key),
    notify: async (to, notice) => {
      const mail = noticeMail(notice);
      const name = 'name' in notice ? notice.name : '';
      // By chance: an id made from a code would let whoever reads the logs of mail servers find the code.
      const message_id = looseId(randomUUID(), to, sender);
      await send(deps, mail, { ...BARE, to: { name, address: to.to }, message_id });
    },
  };
}

const BARE = { thread: null, reply: null, bounce: null, mute_url: null, about: null };

async function post(deps: EmailDeps, to: Address, shown: Shown): Promise<Posted> {
  const { approval } = shown;
  const links = await deps.door.mailLinks(to, approval);
  if (!links) throw new ChannelError('refused', NOBODY);
  const ref = requestId(approval.id, to, deps.sender);
  const telling = tellingOf(deps, shown, links);
  await send(deps, requestMail(telling), coverOf(deps, to, telling, ref, null));
  return { workspace_id: to.workspace_id, channel: to.channel, to: to.to, approval_id: approval.id, ref };
}

/** One more mail in the thread of a card, unless there is nothing to tell this person. */
async function tell(
  deps: EmailDeps,
  to: Address,
  shown: Shown,
  { what, write }: { what: string; write: (telling: Telling) => Mail | null },
): Promise<void> {
  const { approval } = shown;
  const links = await deps.door.mailLinks(to, approval);
  if (!links) return;
  const telling = tellingOf(deps, shown, links);
  const mail = write(telling);
  if (!mail) return;
  const id = followUpId(approval.id, to, what, deps.sender);
  await send(deps, mail, coverOf(deps, to, telling, id, requestId(approval.id, to, deps.sender)));
}

function newsMail(telling: Telling, fresh: Shown['events']): Mail | null {
  const { shown, links } = telling;
  const news = newsOf(shown.approval, fresh, links.member.id);
  if (shown.quiet && news !== 'confirmation') return null;
  switch (news) {
    case 'confirmation':
      return confirmationMail(telling, fresh);
    case 'delegated':
      return delegatedMail(telling);
    case 'changed':
      return changedMail(telling, fresh);
    case 'decided':
    case 'outcome':
      return endMail(telling, news);
    case null:
      return null;
    default:
      return news satisfies never;
  }
}

/**
 * Whether a message of the conversation is mailed to this person: answers of the agent are; one that the server found in
 * the request only to whoever asked by mail; questions to nobody.
 */
function isForReader(message: Message, { shown, links }: Telling): boolean {
  if (message.kind === 'question') return false;
  if (message.kind === 'answer') return true;
  return shown.events.some(
    ({ data, actor, via }) =>
      'message' in data &&
      data.message.id === message.in_reply_to &&
      actor.id === links.member.id &&
      via === 'email',
  );
}

/** Whoever has voted, or passed it on, is asked for nothing more. */
function isDone({ shown: { approval }, links }: Telling): boolean {
  const { id } = links.member;
  const { assignees, delegated_to } = approval;
  const named = assignees.length > 0 && !assignees.some((one) => one.startsWith('grp_'));
  // Of groups only the server knows who is in them: whoever is in one is still asked.
  const elsewhere =
    delegated_to !== null &&
    delegated_to !== id &&
    (approval.delegation_chain.includes(id) || (named && !assignees.includes(id)));
  return elsewhere || approval.votes.some((vote) => vote.approver_id === id);
}

async function sendDigest(
  deps: EmailDeps,
  to: Address,
  cards: readonly Shown[],
  key: string,
): Promise<Posted[]> {
  const [only] = cards;
  if (only && cards.length === 1) return [await post(deps, to, only)];
  const linked: { shown: Shown; links: MailLinks }[] = [];
  for (const shown of cards) {
    const links = await deps.door.mailLinks(to, shown.approval);
    if (!links) throw new ChannelError('refused', NOBODY);
    linked.push({ shown, links });
  }
  const first = linked[0]?.links;
  await send(deps, digestMail(linked, deps.now()), {
    ...BARE,
    to: { name: first?.member.name ?? '', address: to.to },
    message_id: looseId(key, to, deps.sender),
    bounce: deps.replies ? (first?.bounce ?? null) : null,
    mute_url: first?.mute_url ?? null,
  });
  const { workspace_id, channel, to: address } = to;
  return cards.map(({ approval }) => {
    const ref = requestId(approval.id, to, deps.sender);
    return { workspace_id, channel, to: address, approval_id: approval.id, ref };
  });
}

function tellingOf({ now, replies }: EmailDeps, shown: Shown, links: MailLinks): Telling {
  return { shown, links, now_ms: now(), replies };
}

function coverOf(
  { replies }: EmailDeps,
  to: Address,
  { shown: { approval }, links }: Telling,
  message_id: string,
  thread: string | null,
): Cover {
  return {
    to: { name: links.member.name, address: to.to },
    message_id,
    thread,
    reply: replies ? links.reply : null,
    bounce: replies ? links.bounce : null,
    mute_url: links.mute_url,
    about: { id: approval.id, version: approval.version },
  };
}

async function send({ compose, transport }: EmailDeps, mail: Mail, cover: Cover): Promise<void> {
  await transport.send(await compose(mail, cover));
}
