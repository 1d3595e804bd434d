/**
 * What a workspace says of gates, beside the table of defaults.
 * INVARIANT: only admins change gates; every change is kept with who made it.
 */
import { GATED_BY_DEFAULT } from '../../schemas/gate-defaults.ts';
import type { Gates, GatesPatch, GateWord } from '../../schemas/gates.ts';
import { invalid, isRefusal, type Refusal } from '../core/commands.ts';
import type { StoredGates } from '../core/policy-tables.ts';
import type { Steps, Tables } from '../core/ports.ts';
import { type Principal, refOf } from '../core/principal.ts';
import type { Deps } from './deps.ts';
import { createKnown } from './known.ts';
import { notAdmin } from './people.ts';

export type GatesCase = {
  of: (workspace_id: string) => Promise<Gates>;
  /** Merges words into what was said before; null takes one back. `forbidden` for anybody but an admin. */
  change(principal: Principal, patch: GatesPatch): Promise<Gates | Refusal>;
};

const MAX_NAMED = 500;
const DEFAULTS: Gates['defaults'] = Object.entries(GATED_BY_DEFAULT).map(([action_type, title]) => ({
  action_type,
  title,
  gate: 'required',
}));

export function createGates(deps: Pick<Deps, 'store' | 'clock' | 'ids'>): GatesCase {
  const { store, clock, ids } = deps;
  const known = createKnown<StoredGates>(deps, (t, workspace_id) => t.gates.get(workspace_id));
  const of = async (workspace_id: string): Promise<Gates> => ({
    defaults: DEFAULTS,
    ...(await known.of(workspace_id)),
  });
  return {
    of,
    change: async (principal, patch) => {
      const no = notAdmin(principal);
      if (no) return no;
      const { workspace_id } = principal;
      const now = clock.now();
      const change = { id: ids.make('gat', now), at: new Date(now).toISOString(), by: refOf(principal) };
      const done = await store.tx((t) => merge(t, workspace_id, patch, change));
      known.forget(workspace_id);
      return isRefusal(done) ? done : of(workspace_id);
    },
  };
}

function* merge(
  t: Tables,
  workspace_id: string,
  patch: GatesPatch,
  change: Omit<Parameters<Tables['gates']['add']>[1], keyof StoredGates>,
): Steps<null | Refusal> {
  const said = yield* t.gates.get(workspace_id);
  const primitives = merged(said.primitives, patch.primitives);
  const action_types = merged(said.action_types, patch.action_types);
  for (const [name, words] of Object.entries({ primitives, action_types })) {
    if (Object.keys(words).length > MAX_NAMED)
      return invalid({ location: `body/${name}`, message: `would name more than ${MAX_NAMED}` });
  }
  yield* t.gates.add(workspace_id, { ...change, primitives, action_types });
  return null;
}

function merged(
  said: Record<string, GateWord>,
  patch: Record<string, GateWord | null> = {},
): Record<string, GateWord> {
  const words = Object.entries({ ...said, ...patch }).filter(
    (entry): entry is [string, GateWord] => entry[1] !== null,
  );
  return Object.fromEntries(words);
}
