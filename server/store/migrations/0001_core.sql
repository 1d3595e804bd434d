-- The first schema: workspaces, people, keys, approvals, their record, jobs, idempotency.
-- Times are milliseconds since 1970 UTC. Ids are time-ordered, so their order is the order of creation.

CREATE TABLE workspaces (
  id {{text}} PRIMARY KEY,
  name TEXT NOT NULL,
  settings TEXT NOT NULL,
  created_at TEXT NOT NULL
);

CREATE TABLE members (
  workspace_id {{text}} NOT NULL,
  id {{text}} NOT NULL,
  name TEXT NOT NULL,
  email TEXT,
  role TEXT NOT NULL,
  slack_team_id TEXT,
  slack_user_id TEXT,
  created_at TEXT NOT NULL,
  removed_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);

CREATE TABLE keys (
  id {{text}} PRIMARY KEY,
  workspace_id {{text}} NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  agent_id TEXT,
  member_id {{text}},
  secret_hash TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT,
  revoked_at BIGINT,
  last_used_at BIGINT
);
CREATE INDEX keys_of_workspace ON keys (workspace_id, id);

CREATE TABLE sessions (
  id_hash {{text}} PRIMARY KEY,
  workspace_id {{text}} NOT NULL,
  member_id {{text}} NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE TABLE sign_in_links (
  token_hash {{text}} PRIMARY KEY,
  workspace_id {{text}} NOT NULL,
  member_id {{text}} NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);

-- What an approval is asked by, and where its chain ends. What it says is the fold of its events.
-- `frozen` holds the received bytes of the action as text; `tags` and `assignees` are newline-framed lists.
CREATE TABLE approvals (
  workspace_id {{text}} NOT NULL,
  id {{text}} NOT NULL,
  version BIGINT NOT NULL,
  status TEXT NOT NULL,
  type TEXT NOT NULL,
  risk_level TEXT NOT NULL,
  action_type TEXT NOT NULL,
  agent_id TEXT,
  user_id TEXT,
  team_id TEXT,
  requested_by TEXT NOT NULL,
  tags TEXT NOT NULL,
  assignees TEXT NOT NULL,
  search TEXT NOT NULL,
  head_hash TEXT NOT NULL,
  frozen TEXT NOT NULL,
  PRIMARY KEY (workspace_id, id)
) {{clustered}};
-- requested_by rides along so that an agent's own list is read from the index alone.
CREATE INDEX approvals_by_status ON approvals (workspace_id, status, id, requested_by);
CREATE INDEX approvals_by_agent ON approvals (workspace_id, agent_id, id);

-- Where a fold may begin, for approvals with many events. Can be dropped at any time.
CREATE TABLE snapshots (
  approval_id {{text}} PRIMARY KEY,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);

-- Exact counts without counting: a few rows per status, so that replicas don't queue for one.
CREATE TABLE counters (
  workspace_id {{text}} NOT NULL,
  status TEXT NOT NULL,
  shard BIGINT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, status, shard)
) {{clustered}};

-- The record. Append-only: nothing in this program updates or deletes a row.
CREATE TABLE events (
  position {{position}},
  txid {{txid}},
  workspace_id {{text}} NOT NULL,
  approval_id {{text}} NOT NULL,
  sequence BIGINT NOT NULL,
  id {{text}} NOT NULL,
  type TEXT NOT NULL,
  record TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE UNIQUE INDEX events_of_approval ON events (approval_id, sequence);
CREATE INDEX events_in_order ON events (txid, position); -- postgres only

CREATE TABLE jobs (
  id {{text}} PRIMARY KEY,
  kind TEXT NOT NULL,
  workspace_id {{text}} NOT NULL,
  subject_id {{text}} NOT NULL,
  run_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  last_error TEXT,
  dead BIGINT NOT NULL
) {{clustered}};
CREATE INDEX jobs_due ON jobs (run_at) WHERE dead = 0;

CREATE TABLE once (
  workspace_id {{text}} NOT NULL,
  scope {{text}} NOT NULL,
  key {{text}} NOT NULL,
  body_hash TEXT NOT NULL,
  answer TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, scope, key)
);
CREATE INDEX once_over ON once (expires_at);
