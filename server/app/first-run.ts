/**
 * The first start: a workspace, an admin, one key of each kind and a one-time sign-in link.
 * INVARIANT: what is printed was kept in a file before it was stored, so a crash in between loses no key.
 */
import { hash } from 'node:crypto';
import type { Deps } from './deps.ts';
import { newKey } from './keys.ts';
import { newMember } from './people.ts';

export type FirstRun = {
  workspace_id: string;
  member_id: string;
  sign_in_url: string;
  keys: { agent: string; service: string; personal: string };
};

const LINK_MS = 7 * 24 * 3_600_000;
const SECRET_BYTES = 48;

/** Makes what an empty store needs; null when it is not empty. `keep` writes the secrets to a private file. */
export async function firstRun(
  deps: Pick<Deps, 'store' | 'clock' | 'ids' | 'public_url'>,
  keep: (first: FirstRun) => void,
): Promise<FirstRun | null> {
  const { store, clock, ids } = deps;
  if (await store.read((t) => t.workspaces.first())) return null;
  const now = clock.now();
  const workspace = {
    id: ids.make('wsp', now),
    name: 'My workspace',
    settings: {},
    created_at: new Date(now).toISOString(),
  };
  const workspace_id = workspace.id;
  const admin = newMember(deps, { name: 'Admin', role: 'admin' });
  const agent = newKey(deps, workspace_id, { kind: 'agent', name: 'First agent key' });
  const service = newKey(deps, workspace_id, { kind: 'service', name: 'First service key' });
  const personal = newKey(deps, workspace_id, { kind: 'personal', name: 'Admin’s key', member_id: admin.id });
  const token = ids.secret(SECRET_BYTES);
  const first: FirstRun = {
    workspace_id,
    member_id: admin.id,
    sign_in_url: `${deps.public_url}/sign-in/${token}`,
    keys: { agent: agent.shown.key, service: service.shown.key, personal: personal.shown.key },
  };
  keep(first);
  await store.tx(function* (t) {
    yield* t.workspaces.insert(workspace);
    yield* t.people.insert(workspace_id, admin);
    for (const { stored } of [agent, service, personal]) yield* t.keys.insert(stored);
    yield* t.sessions.insertLink(hash('sha256', token), {
      workspace_id,
      member_id: admin.id,
      expires_at_ms: now + LINK_MS,
    });
  });
  return first;
}
