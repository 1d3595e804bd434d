/** A workspace's settings, with the defaults filled in. */
import { DEFAULT_SETTINGS, type Settings, type SettingsPatch } from '../../schemas/settings.ts';
import { invalid, refusal, type Refusal } from '../core/commands.ts';
import type { Principal } from '../core/principal.ts';
import type { Deps } from './deps.ts';
import { createKnown } from './known.ts';
import { routingIssues } from './settings-routing.ts';

export type SettingsCase = {
  of: (workspace_id: string) => Promise<Settings>;
  /** Merges members into the settings; `forbidden` for anybody but an admin, `invalid_input` for what can't be kept. */
  change(principal: Principal, patch: SettingsPatch): Promise<Settings | Refusal>;
};

export function createSettings(deps: Pick<Deps, 'store' | 'clock'>): SettingsCase {
  const { store, clock } = deps;
  const known = createKnown<Settings>(deps, function* (t, workspace_id) {
    const workspace = yield* t.workspaces.get(workspace_id);
    return { ...DEFAULT_SETTINGS, ...workspace?.settings };
  });

  return {
    of: known.of,
    change: async (principal, patch) => {
      if (principal.kind !== 'member' || principal.role !== 'admin') {
        return refusal('forbidden', 'Only an admin can change the settings.');
      }
      const { workspace_id } = principal;
      const issues = await store.tx(function* (t) {
        const workspace = yield* t.workspaces.get(workspace_id);
        const next = { ...workspace?.settings, ...patch };
        const wrong = yield* routingIssues(
          t,
          workspace_id,
          patch,
          { ...DEFAULT_SETTINGS, ...next },
          clock.now(),
        );
        if (wrong.length === 0) yield* t.workspaces.saveSettings(workspace_id, next);
        return wrong;
      });
      if (issues.length > 0) return invalid(...issues);
      known.forget(workspace_id);
      return known.of(workspace_id);
    },
  };
}
