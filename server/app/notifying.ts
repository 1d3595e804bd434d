/**
 * After an event: gives every person who has to know a card, and wakes the cards that are out.
 * INVARIANT: what happened is shown wherever the approval is shown, whichever door it came through.
 * Left out: sending (posting.ts).
 */
import { type Approval, isOpen } from '../../schemas/approval.ts';
import type { Settings } from '../../schemas/settings.ts';
import type { ChannelSet } from '../core/channel-ports.ts';
import { tieOf } from '../core/eligibility.ts';
import { placesOf, type Reach } from '../core/notify-plan.ts';
import type { Steps, Tables } from '../core/ports.ts';
import { cardJob, type Place, type StoredPost } from '../core/posts.ts';
import type { Deps } from './deps.ts';
import { directoryOf } from './directory.ts';
import type { InstallationsCase } from './installations.ts';
import type { Handler } from './job-runner.ts';
import type { SettingsCase } from './settings.ts';

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'channels'> & {
  settings: SettingsCase;
  installations: InstallationsCase;
  due: (at_ms: number) => void;
};

/** More members than this are not told one by one. */
const MAX_TOLD = 500;

export function createNotifying(shared: Shared): Handler {
  const { store, clock, ids, channels, settings, installations, due } = shared;
  return async ({ workspace_id, subject_id }) => {
    const limits = await settings.of(workspace_id);
    const teams = installations.enabled ? (await installations.places.teamsOf(workspace_id)).installed : [];
    const now = clock.now();
    const made = await store.tx(function* (t) {
      const stored = yield* t.approvals.get(workspace_id, subject_id);
      if (!stored) return 0;
      const { approval } = stored;
      const posts = yield* t.posts.ofApproval(approval.id);
      for (const post of posts) yield* t.jobs.add(cardJob(post, approval.version, now));
      // Who hears of it only after the decision has nothing left to do.
      if (!isOpen(approval.status)) return posts.length;
      const reach = yield* reachOf(t, channels, { approval, settings: limits, teams, now_ms: now });
      let added = 0;
      for (const [first, ...fallbacks] of placesOf(approval, limits, reach)) {
        if (!first || posts.some((post) => isAt(post, first))) continue;
        const post = newPost(approval, first, fallbacks, ids.make('pst', now), now);
        if (!(yield* t.posts.add(post))) continue;
        yield* t.jobs.add(cardJob(post, approval.version, now));
        added++;
      }
      return posts.length + added;
    });
    if (made > 0) due(now);
    return undefined;
  };
}

function isAt(post: Place, { channel, to }: Place): boolean {
  return post.channel === channel && post.to === to;
}

export function newPost(
  { id: approval_id, workspace_id }: Pick<Approval, 'id' | 'workspace_id'>,
  { channel, to }: Place,
  fallbacks: Place[],
  id: string,
  now_ms: number,
): StoredPost {
  return {
    id,
    workspace_id,
    approval_id,
    channel,
    to,
    ref: null,
    state: 'waiting',
    shown_version: 0,
    attempts: 0,
    error: null,
    next_at_ms: null,
    fallbacks,
    created_at_ms: now_ms,
  };
}

type Reaching = { approval: Approval; settings: Settings; teams: readonly string[]; now_ms: number };

/** How everybody can be reached who may have to be told of an approval. */
export function* reachOf(
  t: Tables,
  channels: ChannelSet,
  { approval, settings, teams, now_ms }: Reaching,
): Steps<Reach> {
  const { workspace_id } = approval;
  const directory = yield* directoryOf(t, approval, 'all');
  const members = yield* t.people.list(workspace_id, null, MAX_TOLD);
  const accounts = yield* t.accounts.list(workspace_id, null);
  const known = yield* t.mailboxes.list(workspace_id);
  const first = yield* t.workspaces.first();
  return {
    channels: channels.names.map((name) => ({
      name,
      default_to: first?.id === workspace_id ? channels.defaultOf(name) : null,
    })),
    members,
    now_ms,
    groups: new Map([...directory.groups].map(([id, { member_ids }]) => [id, member_ids])),
    excluded: new Set(
      members.map(({ id }) => id).filter((id) => tieOf(approval, id, { directory, settings }) !== null),
    ),
    dead: new Set([...known].flatMap(([address, { dead_at_ms }]) => (dead_at_ms === null ? [] : [address]))),
    slack_users: new Map(
      accounts
        .filter(({ team }) => teams.length === 0 || teams.includes(team))
        .map(({ member_id, team, user }) => [member_id, teams.length === 0 ? user : `${team}/${user}`]),
    ),
  };
}
