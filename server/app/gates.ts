/**
 * What a workspace says of gates, beside the table of defaults.
 * INVARIANT: only admins change gates; every change is kept with who made it.
 */
import { GATED_BY_DEFAULT } from '../../schemas/gate-defaults.ts';
import type { Gates, GatesPatch, GateWord } from '../../schemas/gates.ts';
import type { PendingChange } from '../../schemas/policy-change.ts';
import { invalid, isRefusal, type Refusal } from '../core/commands.ts';
import { gateDifferences } from '../core/loosening-others.ts';
import type { StoredGates } from '../core/policy-tables.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import type { Changes } from './changes.ts';
import type { Deps } from './deps.ts';
import { createKnown } from './known.ts';
import { notAdmin } from './people.ts';

export type GatesCase = {
  of: (workspace_id: string) => Promise<Gates>;
  /** Merges words into what was said before; null takes one back. `forbidden` for anybody but an admin. */
  change(principal: Principal, patch: GatesPatch): Promise<Gates | PendingChange | Refusal>;
};

const MAX_NAMED = 500;
const DEFAULTS: Gates['defaults'] = Object.entries(GATED_BY_DEFAULT).map(([action_type, title]) => ({
  action_type,
  title,
  gate: 'required',
}));

export function createGates(deps: Pick<Deps, 'store' | 'clock' | 'ids'> & { changes: Changes }): GatesCase {
  const { clock, ids, changes } = deps;
  const known = createKnown<StoredGates>(deps, (t, workspace_id) => t.gates.get(workspace_id));
  const of = async (workspace_id: string): Promise<Gates> => ({
    defaults: DEFAULTS,
    ...(await known.of(workspace_id)),
  });
  const kind = changes.register<GatesArgs>({
    name: 'gates',
    title: () => 'Change the gates of the workspace',
    read: (t, _args, { workspace_id }) => t.gates.get(workspace_id),
    differences: (base, { patch }) => gateDifferences(base as StoredGates, after(base as StoredGates, patch)),
    write: (t, { id, patch }, { workspace_id, by, now_ms }) =>
      merge(t, workspace_id, patch, { id, at: new Date(now_ms).toISOString(), by }),
    made: known.forget,
  });
  return {
    of,
    change: async (principal, patch) => {
      const no = notAdmin(principal);
      if (no) return no;
      const done = await changes.make(principal, kind, { id: ids.make('gat', clock.now()), patch });
      if (isRefusal(done)) return done;
      return done.pending ? (JSON.parse(done.text) as PendingChange) : of(principal.workspace_id);
    },
  };
}

/** With the id of its entry in the history of gates. */
type GatesArgs = { id: string; patch: GatesPatch };

function* merge(
  t: Tables,
  workspace_id: string,
  patch: GatesPatch,
  change: Omit<Parameters<Tables['gates']['add']>[1], keyof StoredGates>,
): Steps<null | Refusal> {
  const said = yield* t.gates.get(workspace_id);
  const { primitives, action_types } = after(said, patch);
  for (const [name, words] of Object.entries({ primitives, action_types })) {
    if (Object.keys(words).length > MAX_NAMED)
      return invalid({ location: `body/${name}`, message: `would name more than ${MAX_NAMED}` });
  }
  yield* t.gates.add(workspace_id, { ...change, primitives, action_types });
  return null;
}

function after(said: StoredGates, patch: GatesPatch): StoredGates {
  return {
    primitives: merged(said.primitives, patch.primitives),
    action_types: merged(said.action_types, patch.action_types),
  };
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
