/**
 * What channels may ask: everything they know comes through here, and everything they do goes through the one door.
 *
 * INVARIANT: what is view only in a channel can't be approved through it, whatever card somebody pressed.
 * INVARIANT: a command or a question that is given again under its key is done once.
 * Left out: keeping what people did until it is done (inbox.ts).
 */
import { isOpen } from '../../schemas/approval.ts';
import type { ChannelName } from '../../schemas/channel.ts';
import type { Message } from '../../schemas/message.ts';
import type { ChannelDoor, Posted, Shown } from '../core/channel-ports.ts';
import { type Command, type Happened, isRefusal, refusal, type Refusal } from '../core/commands.ts';
import { isViewOnly } from '../core/posts.ts';
import type { Principal } from '../core/principal.ts';
import type { Accounts } from './accounts.ts';
import type { ApprovalQueries } from './approval-queries.ts';
import type { Approvals } from './approvals.ts';
import type { Conversation } from './conversation.ts';
import type { Deps } from './deps.ts';
import type { MailTokens } from './mail-tokens.ts';
import type { Inbox } from './inbox.ts';
import { doneBefore, type OnceKey } from './once.ts';
import type { SettingsCase } from './settings.ts';
import { shownOf } from './shown.ts';

const MAX_LISTED = 50;
const MAX_MEMBERS = 200;

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'public_url'> & {
  accounts: Accounts;
  approvals: Approvals;
  queries: ApprovalQueries;
  conversation: Conversation;
  settings: SettingsCase;
  mail_tokens: MailTokens;
  inbox: Inbox;
};

/** The scope of a channel's keys among all idempotency keys of a person. */
const ROUTE = 'channel';

export function createChannelDoor(shared: Shared): ChannelDoor {
  const { store, accounts, queries, conversation, inbox } = shared;
  return {
    memberOf: (account, confirmed_email) => accounts.memberOf(account, confirmed_email),
    linkUrl: (account) => accounts.linkUrl(account),
    get: (principal, id) => queries.get(principal, id),
    shown: (principal, id) => shownTo(shared, principal, id),
    list: async (principal, { mine = false, open = false, limit = 20 }) => {
      const filter = {
        ...(mine ? { assignee: principal.id } : {}),
        ...(open ? { statuses: ['pending', 'asked_question'] as const } : {}),
      };
      return queries.list(principal, filter, null, Math.min(limit, MAX_LISTED));
    },
    keep: (what) => inbox.keep(what),
    act: async (principal, id, command, key) =>
      (await refuseApproving(shared, principal, id, command)) ??
      shared.approvals.act(principal, id, command, onceFor(key, { id, command })),
    wasDone: (principal, key) => store.read((t) => doneBefore(t, principal, { key, route: ROUTE })),
    messages: async (principal, id) => {
      const found = await conversation.list(principal, id);
      return isRefusal(found) ? found : found.items;
    },
    ask: (principal, id, question) => askBelow(shared, principal, id, question),
    mailLinks: (to, approval) => shared.mail_tokens.links(to, approval),
    deciders: async (principal) => {
      const members = await store.read((t) => t.people.list(principal.workspace_id, null, MAX_MEMBERS));
      return members.filter(({ role }) => role !== 'viewer').map(({ id, name }) => ({ id, name }));
    },
    postedAt: async (channel, ref) => {
      const post = await store.read((t) => t.posts.at(channel, ref));
      if (!post) return null;
      const { workspace_id, to, approval_id } = post;
      return { workspace_id, channel, to, approval_id, ref };
    },
  };
}

async function shownTo(
  { queries, settings, public_url }: Shared,
  principal: Principal,
  id: string,
): Promise<Shown | Refusal> {
  const approval = await queries.get(principal, id);
  if (isRefusal(approval)) return approval;
  const trail = await queries.trail(principal, id);
  if (isRefusal(trail)) return trail;
  const limits = await settings.of(principal.workspace_id);
  return {
    ...shownOf(approval, channelOf(principal), limits, public_url),
    events: trail.items.map(({ record }) => JSON.parse(record) as Happened),
  };
}

function channelOf({ via }: Principal): ChannelName | null {
  return via === 'slack' || via === 'email' ? via : null;
}

/** Null where approving is possible here, or where nothing is approved. */
async function refuseApproving(
  { queries, settings }: Shared,
  principal: Principal,
  id: string,
  { type }: Command,
): Promise<Refusal | null> {
  if (type !== 'approve' && type !== 'approve_with_edits') return null;
  const approval = await queries.get(principal, id);
  if (isRefusal(approval)) return approval;
  const channel = channelOf(principal);
  const limits = await settings.of(principal.workspace_id);
  // One that is decided gets the door's own answer: by whom, and when.
  if (!isOpen(approval.status) || (channel !== null && !isViewOnly(approval, channel, limits))) return null;
  return refusal(
    'forbidden',
    `An approval of ${approval.risk_level} risk can’t be approved here. Open it: ${approval.url}`,
  );
}

function onceFor(key: string, what: unknown): OnceKey {
  return { key, route: ROUTE, body: JSON.stringify(what) };
}

async function askBelow(
  { store, clock, ids, conversation }: Shared,
  principal: Principal,
  id: string,
  { content, below, key }: { content: string; below: Posted | null; key: string },
): Promise<Message | Refusal> {
  const message_id = ids.make('msg', clock.now());
  if (below) {
    // Known as said before it is stored: where it was written it is never said again.
    await store.tx(function* (t) {
      const post = yield* t.posts.at(below.channel, below.ref);
      if (post?.approval_id === id) yield* t.posts.noteSaid(post.id, message_id, 'said');
    });
  }
  const once = onceFor(key, { id, content });
  const sent = await conversation.send(principal, id, { content }, once, message_id);
  return isRefusal(sent) ? sent : sent.message;
}
