/**
 * Installations of the Slack app, as rows.
 * INVARIANT: tokens change only from the generation that the caller has seen, so two renewals never overwrite each other.
 */
import type { InstallationTable, StoredInstallation } from '../core/installations.ts';
import { row, rows, run } from './sql.ts';

type InstallationRow = Omit<
  StoredInstallation,
  'scopes' | 'expires_at_ms' | 'installed_at_ms' | 'uninstalled_at_ms'
> & {
  scopes: string;
  expires_at: number | null;
  installed_at: number;
  uninstalled_at: number | null;
  renewing_until: number | null;
};

function installationOf(found: InstallationRow): StoredInstallation {
  const { scopes, expires_at, installed_at, uninstalled_at, renewing_until: _until, ...same } = found;
  return {
    ...same,
    scopes: scopes === '' ? [] : scopes.split(','),
    expires_at_ms: expires_at,
    installed_at_ms: installed_at,
    uninstalled_at_ms: uninstalled_at,
  };
}

export const installations: InstallationTable = {
  *put(i) {
    const added = yield* run`INSERT INTO installations (id, workspace_id, enterprise_id, team_id, team_name,
        bot_user_id, scopes, tokens_sealed, expires_at, generation, renewing_until, installed_by, installed_at,
        uninstalled_at)
      VALUES (${i.id}, ${i.workspace_id}, ${i.enterprise_id}, ${i.team_id}, ${i.team_name}, ${i.bot_user_id},
        ${i.scopes.join(',')}, ${i.tokens_sealed}, ${i.expires_at_ms}, ${i.generation}, NULL, ${i.installed_by},
        ${i.installed_at_ms}, ${i.uninstalled_at_ms})
      ON CONFLICT DO NOTHING`;
    if (added > 0) return true;
    const changed = yield* run`UPDATE installations SET enterprise_id = ${i.enterprise_id},
        team_name = ${i.team_name}, bot_user_id = ${i.bot_user_id}, scopes = ${i.scopes.join(',')},
        tokens_sealed = ${i.tokens_sealed}, expires_at = ${i.expires_at_ms}, generation = generation + 1,
        renewing_until = NULL, installed_by = ${i.installed_by}, installed_at = ${i.installed_at_ms},
        uninstalled_at = NULL
      WHERE workspace_id = ${i.workspace_id} AND team_id = ${i.team_id} AND NOT EXISTS (
        SELECT 1 FROM installations AS other WHERE other.team_id = ${i.team_id}
          AND other.workspace_id <> ${i.workspace_id} AND other.uninstalled_at IS NULL)`;
    return changed > 0;
  },
  *ofTeam(team_id) {
    const found = yield* row<InstallationRow>`SELECT * FROM installations WHERE team_id = ${team_id}
      ORDER BY CASE WHEN uninstalled_at IS NULL THEN 0 ELSE 1 END, installed_at DESC LIMIT 1`;
    return found && installationOf(found);
  },
  *ofWorkspace(workspace_id) {
    const found = yield* rows<InstallationRow>`SELECT * FROM installations
      WHERE workspace_id = ${workspace_id} ORDER BY id`;
    return found.map(installationOf);
  },
  *remove(workspace_id, id) {
    const found = yield* row<InstallationRow>`DELETE FROM installations
      WHERE workspace_id = ${workspace_id} AND id = ${id} RETURNING *`;
    return found && installationOf(found);
  },
  *uninstall(id, generation, at_ms) {
    const changed = yield* run`UPDATE installations SET tokens_sealed = NULL, expires_at = NULL,
        uninstalled_at = ${at_ms}, renewing_until = NULL, generation = generation + 1
      WHERE id = ${id} AND generation = ${generation} AND uninstalled_at IS NULL`;
    return changed > 0;
  },
  *takeRenewal(id, generation, now_ms, until_ms) {
    const taken = yield* run`UPDATE installations SET renewing_until = ${until_ms}
      WHERE id = ${id} AND generation = ${generation} AND uninstalled_at IS NULL
        AND (renewing_until IS NULL OR renewing_until <= ${now_ms})`;
    return taken > 0;
  },
  *freeRenewal(id, generation) {
    yield* run`UPDATE installations SET renewing_until = NULL WHERE id = ${id} AND generation = ${generation}`;
  },
  *renew(id, generation, tokens_sealed, expires_at_ms) {
    const changed = yield* run`UPDATE installations SET tokens_sealed = ${tokens_sealed},
        expires_at = ${expires_at_ms}, generation = generation + 1, renewing_until = NULL
      WHERE id = ${id} AND generation = ${generation} AND uninstalled_at IS NULL`;
    return changed > 0;
  },
};
