/**
 * Changing a member: name, address, role, Slack account, absence.
 * INVARIANT: a workspace always keeps an admin, also when two are demoted at once.
 * INVARIANT: a right that was taken is gone for the next call; what was voted with it is counted anew when it matters.
 * Left out: adding and removing (people.ts).
 */
import type { Away, Member, MemberPatch } from '../../schemas/people.ts';
import type { Issue } from '../../schemas/problem.ts';
import { invalid, refusal, type Refusal } from '../core/commands.ts';
import { memberDifferences } from '../core/loosening-others.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import type { Access } from './access.ts';
import { linkAccount } from './account-links.ts';
import type { ChangeKind, Changed, Changes } from './changes.ts';
import type { Deps } from './deps.ts';
import { addressTaken, notAdmin, withArticle } from './people.ts';
import { peopleChanged } from './rerouting.ts';

/** Nobody is away for longer without leaving. */
const MAX_AWAY_MS = 366 * 86_400_000;

export type ChangeMember = (
  principal: Principal,
  id: string,
  patch: MemberPatch,
) => Promise<Changed | Refusal>;

type Shared = Pick<Deps, 'store' | 'clock' | 'ids'> & {
  access: Access;
  changes: Changes;
  due: (at_ms: number) => void;
};
type Change = { id: string; name: string; patch: MemberPatch };

const NONE = refusal('not_found', 'There is no such member.');

/** A raised role waits for another admin, where there is one; everything else is done at once. */
export function createMemberChanges(shared: Shared): ChangeMember {
  const { store, changes } = shared;
  const changing = changes.register(changeKind(shared));
  return async (principal, id, patch) => {
    const own = principal.kind === 'member' && principal.id === id && !principal.embed;
    const absence_only = Object.keys(patch).every((name) => name === 'away');
    const no = own && absence_only ? null : notAdmin(principal);
    if (no) return no;
    const member = await store.read((t) => t.people.get(principal.workspace_id, id));
    return member ? changes.make(principal, changing, { id, name: member.name, patch }) : NONE;
  };
}

function changeKind(shared: Shared): ChangeKind<Change> {
  const { access, clock, due } = shared;
  return {
    name: 'member_role',
    title: ({ name, patch }) => (patch.role ? `Make ${name} ${withArticle(patch.role)}` : `Change ${name}`),
    *read(t, { id }, { workspace_id }) {
      return (yield* t.people.get(workspace_id, id)) ?? NONE;
    },
    differences: (base, { patch }) => memberDifferences(base as Member, { ...(base as Member), ...patch }),
    *write(t, { id, patch }, { workspace_id, by }) {
      return yield* changeOne(t, shared, { workspace_id, id: by.id }, id, patch);
    },
    made: () => {
      access.forget();
      due(clock.now());
    },
  };
}

function* changeOne(
  t: Tables,
  { clock, ids }: Pick<Deps, 'clock' | 'ids'>,
  { workspace_id, id: by }: Pick<Principal, 'workspace_id' | 'id'>,
  id: string,
  patch: MemberPatch,
): Steps<Member | Refusal> {
  const now = clock.now();
  if (patch.role !== undefined) yield* t.people.lock(workspace_id);
  const member = yield* t.people.get(workspace_id, id);
  if (!member) return NONE;
  const next: Member = { ...member, ...patch };
  if (member.role === 'admin' && next.role !== 'admin' && (yield* t.people.countAdmins(workspace_id)) === 1) {
    return refusal('conflict', 'This is the last admin; make another one first.');
  }
  const issue = patch.away ? yield* awayIssue(t, workspace_id, id, patch.away, now) : null;
  if (issue) return invalid(issue);
  const taken = yield* addressTaken(t, workspace_id, next);
  if (taken) return taken;
  const relinked = yield* relink(t, workspace_id, member, next, { by, now, ids });
  if (relinked) return relinked;
  yield* t.people.save(workspace_id, next);
  yield* peopleChanged(t, workspace_id, now);
  return (yield* t.people.get(workspace_id, id)) ?? next;
}

/** A substitute must be able to decide on their own: standing in gives nobody a role. */
function* awayIssue(
  t: Tables,
  workspace_id: string,
  id: string,
  { until, substitute_id }: Away,
  now: number,
): Steps<Issue | null> {
  const until_ms = Date.parse(until);
  if (until_ms <= now) return { location: 'body/away/until', message: 'is in the past', value: until };
  if (until_ms > now + MAX_AWAY_MS)
    return { location: 'body/away/until', message: 'is more than a year ahead', value: until };
  if (substitute_id === null) return null;
  const wrong = (message: string): Issue => ({
    location: 'body/away/substitute_id',
    message,
    value: substitute_id,
  });
  if (substitute_id === id) return wrong('is the member themselves');
  const substitute = yield* t.people.get(workspace_id, substitute_id);
  if (!substitute) return wrong('is not a member of this workspace');
  return substitute.role === 'viewer' ? wrong('is a viewer and can’t decide') : null;
}

/** The account that a member had by these fields is unlinked, and the one they have now is linked. */
function* relink(
  t: Tables,
  workspace_id: string,
  before: Member,
  { id: member_id, slack_team_id: team, slack_user_id: user }: Member,
  { by, now, ids }: { by: string; now: number; ids: Deps['ids'] },
): Steps<Refusal | null> {
  if (before.slack_team_id === team && before.slack_user_id === user) return null;
  for (const one of yield* t.accounts.list(workspace_id, member_id)) {
    if (one.team !== before.slack_team_id || one.user !== before.slack_user_id) continue;
    yield* t.accounts.remove(workspace_id, member_id, one.id);
  }
  if (team === null || user === null) return null;
  const created_at = new Date(now).toISOString();
  const account = { id: ids.make('acc', now), member_id, provider: 'slack' as const, team, user };
  return yield* linkAccount(t, workspace_id, { ...account, linked_by: by, created_at });
}
