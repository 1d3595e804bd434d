/**
 * Who is told of an approval, and where: the assignees, each in the first channel that reaches them; where there are
 * none, the default channel, and every reviewer and admin by email (spec.md section 3).
 *
 * INVARIANT: whoever can't be reached in one channel is told in the next.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { ChannelName } from '../../schemas/channel.ts';
import type { Member } from '../../schemas/people.ts';
import type { Settings } from '../../schemas/settings.ts';
import type { Place } from './posts.ts';

export type Reach = {
  /** The channels that the server has, and where each posts what is nobody's in particular; null: nowhere. */
  channels: readonly { name: ChannelName; default_to: string | null }[];
  members: readonly Member[];
  /** The Slack user of a member; "team/user" where the app was installed into teams of the workspace. */
  slack_users: ReadonlyMap<string, string>;
  /** Mail addresses, in lower case, that no mail arrives at. */
  dead?: ReadonlySet<string>;
  /** Who is in the groups that are named. */
  groups?: ReadonlyMap<string, ReadonlySet<string>>;
  /** Who asked, or stands too close to whoever did: they may not decide and are not asked. */
  excluded?: ReadonlySet<string>;
  now_ms?: number;
};

/** Lists of places; of each list the first that works is used. Empty when nobody can be reached. */
export function placesOf(approval: Approval, { notify }: Settings, reach: Reach): Place[][] {
  const order = notify.channels.filter((name) => reach.channels.some((known) => known.name === name));
  const personal = (member: Member): Place[] =>
    order.flatMap((channel) => {
      const to = addressOf(member, channel, reach);
      return to === null ? [] : [{ channel, to }];
    });
  const common = order.flatMap((channel) => {
    const to = commonAddress(channel, notify, reach);
    return to === null ? [] : [{ channel, to }];
  });
  const asked = peopleOf(approval, reach);
  if (approval.assignees.length > 0) {
    const told = asked
      .map(personal)
      .filter((places) => places.length > 0)
      // That a mail can't arrive is seen on the approval, and then it is better in the open than unseen.
      .map((places) => (places.every((place) => isDead(place, reach)) ? [...places, ...common] : places));
    // Nobody of them can be reached: better in the open than unseen.
    return told.length > 0 ? told : common.length > 0 ? [common] : [];
  }
  const mailed = order.includes('email')
    ? inPlace(
        reach.members.filter(({ role }) => role !== 'viewer'),
        reach,
      ).filter(({ email }) => email !== null)
    : [];
  const mails = distinct([
    ...asked.map(personal).filter((places) => places.length > 0),
    ...mailed.map(({ email }) => [{ channel: 'email' as const, to: email ?? '' }]),
  ]);
  const first = common[0];
  // The terminal only where nothing else is.
  if (first === undefined || (first.channel === 'console' && mails.length > 0)) return mails;
  return [common, ...mails];
}

/** The members that are asked by name or group, at first or by a step of the escalation. */
function peopleOf({ assignees, delegated_to, escalation }: Approval, reach: Reach): Member[] {
  const named = new Set([...assignees, ...escalation.flatMap(({ to, done }) => (done ? to : []))]);
  if (delegated_to !== null) named.add(delegated_to);
  const groups = [...named].flatMap((id) => reach.groups?.get(id) ?? []);
  const isAsked = ({ id, role }: Member) =>
    named.has(id) || (role !== 'viewer' && groups.some((members) => members.has(id)));
  return inPlace(reach.members.filter(isAsked), reach);
}

/** Whoever is away is asked through their substitute, where there is one who may; nobody twice. */
function inPlace(members: readonly Member[], { members: all, excluded, now_ms = 0 }: Reach): Member[] {
  const standing = members
    .filter(({ id }) => excluded?.has(id) !== true)
    .map((member) => {
      const { away } = member;
      if (!away || away.substitute_id === null || Date.parse(away.until) <= now_ms) return member;
      const { substitute_id } = away;
      const able = all.find(({ id, role }) => id === substitute_id && role !== 'viewer');
      return able && excluded?.has(able.id) !== true ? able : member;
    });
  return [...new Set(standing)];
}

/** Lists that begin at the same place are one. */
function distinct(lists: readonly Place[][]): Place[][] {
  const byFirst = new Map<string, Place[]>();
  for (const list of lists) {
    const key = JSON.stringify(list[0]);
    if (!byFirst.has(key)) byFirst.set(key, list);
  }
  return [...byFirst.values()];
}

function isDead({ channel, to }: Place, { dead }: Reach): boolean {
  return channel === 'email' && dead !== undefined && dead.has(to.toLowerCase());
}

function addressOf(member: Member, channel: ChannelName, reach: Reach): string | null {
  switch (channel) {
    case 'slack':
      return reach.slack_users.get(member.id) ?? null;
    case 'email':
      return member.email;
    case 'console':
      return defaultOf(channel, reach);
    default:
      return channel satisfies never;
  }
}

function commonAddress(channel: ChannelName, notify: Settings['notify'], reach: Reach): string | null {
  const own = channel === 'slack' ? notify.slack_channel : null;
  return own ?? defaultOf(channel, reach);
}

function defaultOf(channel: ChannelName, { channels }: Reach): string | null {
  return channels.find(({ name }) => name === channel)?.default_to ?? null;
}
