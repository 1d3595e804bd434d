-- The Slack app in several Slack workspaces. Tokens are sealed, and gone (NULL) once Slack took an installation away.

-- A team id is unique over all organizations and stays when a team moves into one: it alone is the key.
CREATE TABLE installations (
  id {{text}} PRIMARY KEY,
  workspace_id {{text}} NOT NULL,
  enterprise_id {{text}},
  team_id {{text}} NOT NULL,
  team_name TEXT NOT NULL,
  bot_user_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  tokens_sealed TEXT,
  expires_at BIGINT,
  generation BIGINT NOT NULL,
  renewing_until BIGINT,
  installed_by {{text}} NOT NULL,
  installed_at BIGINT NOT NULL,
  uninstalled_at BIGINT
);
-- A team that was uninstalled is free for another workspace; the row of the first one tells what became of it.
CREATE UNIQUE INDEX installations_of_team ON installations (team_id) WHERE uninstalled_at IS NULL;
CREATE UNIQUE INDEX installations_of_workspace ON installations (workspace_id, team_id);
