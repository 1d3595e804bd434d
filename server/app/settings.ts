/**
 * A workspace's settings, with the defaults filled in.
 * Invariant: a change is seen here at once, and by other processes within a second.
 */
import { DEFAULT_SETTINGS, type Settings, type SettingsPatch } from '../../schemas/settings.ts';
import { refusal, type Refusal } from '../core/commands.ts';
import type { Principal } from '../core/principal.ts';
import type { Deps } from './deps.ts';

/** How long another process may use what it read. */
const FRESH_MS = 1_000;

export type SettingsCase = {
  of(workspace_id: string): Promise<Settings>;
  /** Merges members into the settings; `forbidden` for anybody but an admin. */
  change(principal: Principal, patch: SettingsPatch): Promise<Settings | Refusal>;
};

export function createSettings({ store, clock }: Pick<Deps, 'store' | 'clock'>): SettingsCase {
  const known = new Map<string, { settings: Settings; read_ms: number }>();

  const of = async (workspace_id: string): Promise<Settings> => {
    const now = clock.now();
    const cached = known.get(workspace_id);
    if (cached && now - cached.read_ms < FRESH_MS) return cached.settings;
    const workspace = await store.read((t) => t.workspaces.get(workspace_id));
    const settings = { ...DEFAULT_SETTINGS, ...workspace?.settings };
    known.set(workspace_id, { settings, read_ms: now });
    return settings;
  };

  return {
    of,
    change: async (principal, patch) => {
      if (principal.kind !== 'member' || principal.role !== 'admin') {
        return refusal('forbidden', 'Only an admin can change the settings.');
      }
      const { workspace_id } = principal;
      await store.tx(function* (t) {
        const workspace = yield* t.workspaces.get(workspace_id);
        yield* t.workspaces.saveSettings(workspace_id, { ...workspace?.settings, ...patch });
      });
      known.delete(workspace_id);
      return of(workspace_id);
    },
  };
}
