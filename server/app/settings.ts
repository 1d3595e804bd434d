/** A workspace's settings, with the defaults filled in, and changing them. */
import type { PendingChange } from '../../schemas/policy-change.ts';
import { DEFAULT_SETTINGS, type Settings, type SettingsPatch } from '../../schemas/settings.ts';
import { invalid, isRefusal, type Refusal } from '../core/commands.ts';
import { settingsDifferences } from '../core/loosening.ts';
import type { Principal } from '../core/principal.ts';
import type { Changes } from './changes.ts';
import type { Deps } from './deps.ts';
import { createKnown } from './known.ts';
import { notAdmin } from './people.ts';
import { routingIssues } from './settings-routing.ts';

export type SettingsCase = {
  of: (workspace_id: string) => Promise<Settings>;
  /** They were changed here: the next call reads them anew. */
  forget: (workspace_id: string) => void;
};

export type SettingsChange = {
  /**
   * Merges members into the settings, or asks another admin; `forbidden` for anybody but an admin, `invalid_input` for
   * what can't be kept.
   */
  change(principal: Principal, patch: SettingsPatch): Promise<Settings | PendingChange | Refusal>;
};

export function createSettings(deps: Pick<Deps, 'store' | 'clock'>): SettingsCase {
  return createKnown<Settings>(deps, function* (t, workspace_id) {
    const workspace = yield* t.workspaces.get(workspace_id);
    return withDefaults(workspace?.settings ?? {});
  });
}

export function createSettingsChange({
  changes,
  settings,
}: {
  changes: Changes;
  settings: SettingsCase;
}): SettingsChange {
  const kind = changes.register<SettingsPatch>({
    name: 'settings',
    title: () => 'Change the settings of the workspace',
    *read(t, patch, { workspace_id, now_ms }) {
      const workspace = yield* t.workspaces.get(workspace_id);
      const set = workspace?.settings ?? {};
      const issues = yield* routingIssues(t, workspace_id, patch, withDefaults(patched(set, patch)), now_ms);
      return issues.length > 0 ? invalid(...issues) : ofNames(withDefaults(set), patch);
    },
    differences: (base, patch) => {
      const before = base as Partial<Settings>;
      return settingsDifferences(before, ofNames(withDefaults(patched(before, patch)), patch));
    },
    *write(t, patch, { workspace_id }) {
      const workspace = yield* t.workspaces.get(workspace_id);
      const set = patched(workspace?.settings ?? {}, patch);
      yield* t.workspaces.saveSettings(workspace_id, set);
      return withDefaults(set);
    },
    made: settings.forget,
  });
  return {
    change: async (principal, patch) => {
      const no = notAdmin(principal);
      if (no) return no;
      const done = await changes.make(principal, kind, patch);
      return isRefusal(done) ? done : (JSON.parse(done.text) as Settings | PendingChange);
    },
  };
}

/** The members that a patch names. */
function ofNames(settings: Settings, patch: SettingsPatch): Partial<Settings> {
  const named = Object.entries(settings).filter(([name]) => Object.hasOwn(patch, name));
  return Object.fromEntries(named);
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
