/** A workspace's settings, with the defaults filled in. */
import { DEFAULT_SETTINGS, type Settings, type SettingsPatch } from '../../schemas/settings.ts';
import { refusal, type Refusal } from '../core/commands.ts';
import type { Principal } from '../core/principal.ts';
import type { Deps } from './deps.ts';
import { createKnown } from './known.ts';

export type SettingsCase = {
  of: (workspace_id: string) => Promise<Settings>;
  /** Merges members into the settings; `forbidden` for anybody but an admin. */
  change(principal: Principal, patch: SettingsPatch): Promise<Settings | Refusal>;
};

export function createSettings(deps: Pick<Deps, 'store' | 'clock'>): SettingsCase {
  const { store } = deps;
  const known = createKnown<Settings>(deps, function* (t, workspace_id) {
    const workspace = yield* t.workspaces.get(workspace_id);
    return withDefaults(workspace?.settings ?? {});
  });

  return {
    of: known.of,
    change: async (principal, patch) => {
      if (principal.kind !== 'member' || principal.role !== 'admin') {
        return refusal('forbidden', 'Only an admin can change the settings.');
      }
      const { workspace_id } = principal;
      await store.tx(function* (t) {
        const workspace = yield* t.workspaces.get(workspace_id);
        yield* t.workspaces.saveSettings(workspace_id, patched(workspace?.settings ?? {}, patch));
      });
      known.forget(workspace_id);
      return known.of(workspace_id);
    },
  };
}

/** What a workspace has set, with the defaults for the rest. */
function withDefaults(set: Partial<Settings>): Settings {
  return { ...DEFAULT_SETTINGS, ...set, trust: { ...DEFAULT_SETTINGS.trust, ...set.trust } };
}

/** What is set after a change; members of `trust` that are left out stay too. */
function patched(set: Partial<Settings>, { trust, ...rest }: SettingsPatch): Partial<Settings> {
  const changed = { ...set, ...rest };
  return trust === undefined ? changed : { ...changed, trust: { ...withDefaults(set).trust, ...trust } };
}
