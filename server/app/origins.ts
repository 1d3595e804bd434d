/**
 * The origins of a workspace: the pages that may show its approvals. CORS and embed tokens know no others.
 * INVARIANT: an origin that was removed is refused from the next call on, here at once, elsewhere within a second.
 */
import type { Origin } from '../../schemas/embed.ts';
import { invalid, refusal, type Refusal } from '../core/commands.ts';
import { originIssue } from '../core/embed.ts';
import { listedDifferences } from '../core/loosening-others.ts';
import type { Principal } from '../core/principal.ts';
import type { Access } from './access.ts';
import type { ChangeKind, Changed, Changes } from './changes.ts';
import type { Deps } from './deps.ts';
import type { OnceKey } from './once.ts';
import { notAdmin } from './people.ts';

/** How long a process may go on with what it read. */
const FRESH_MS = 1_000;
const MAX_KNOWN = 10_000;

export type Origins = {
  /**
   * Registers an origin, or asks another admin; `forbidden`, `invalid_input`, or `conflict` when it is registered
   * already.
   */
  add(principal: Principal, origin: string, once: OnceKey | null): Promise<Changed | Refusal>;
  list(principal: Principal, after: string | null, limit: number): Promise<Origin[] | Refusal>;
  remove(principal: Principal, id: string): Promise<null | Refusal>;
  /** The workspaces that registered it; nobody has to be proven for this, since browsers ask before they send a token. */
  workspacesOf(origin: string): Promise<readonly string[]>;
};

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'public_url'> & { access: Access; changes: Changes };

export function createOrigins({ store, clock, ids, public_url, access, changes: guard }: Shared): Origins {
  const known = new Map<string, { workspaces: readonly string[]; read_ms: number }>();
  let changes = 0;
  const forget = () => {
    changes++;
    known.clear();
  };
  const adding = guard.register(newOriginKind(forget));
  return {
    add: async (principal, origin, once) => {
      const no = notAdmin(principal);
      if (no) return no;
      const issue = originIssue(origin, public_url);
      if (issue) return invalid({ location: 'body/origin', message: issue, value: origin });
      const now = clock.now();
      const shown: Origin = { id: ids.make('org', now), origin, created_at: new Date(now).toISOString() };
      return guard.make(principal, adding, shown, once);
    },
    list: async (principal, after, limit) =>
      notAdmin(principal) ?? store.read((t) => t.origins.list(principal.workspace_id, after, limit)),
    remove: async (principal, id) => {
      const no = notAdmin(principal);
      if (no) return no;
      const removed = await store.tx((t) => t.origins.remove(principal.workspace_id, id));
      forget();
      access.forget();
      return removed ? null : refusal('not_found', 'There is no such origin.');
    },
    workspacesOf: async (origin) => {
      const now = clock.now();
      const found = known.get(origin);
      if (found && now - found.read_ms < FRESH_MS) return found.workspaces;
      const before = changes;
      const workspaces = await store.read((t) => t.origins.workspacesOf(origin));
      if (known.size >= MAX_KNOWN) known.clear();
      if (before === changes) known.set(origin, { workspaces, read_ms: now });
      return workspaces;
    },
  };
}

/** One more origin: its pages may show approvals, and decide on them with a token. */
function newOriginKind(made: () => void): ChangeKind<Origin> {
  const taken = (origin: string) => refusal('conflict', `${origin} is registered already.`);
  return {
    name: 'origin',
    title: ({ origin }) => `Let pages of ${origin} show approvals`,
    *read(t, { origin }, { workspace_id }) {
      return (yield* t.origins.workspacesOf(origin)).includes(workspace_id) ? taken(origin) : null;
    },
    differences: (_base, { origin }) => listedDifferences('Pages that may show approvals', null, origin),
    *write(t, shown, { workspace_id, by }) {
      const added = yield* t.origins.insert({ ...shown, workspace_id, created_by: by.id });
      return added ? shown : taken(shown.origin);
    },
    made,
  };
}
