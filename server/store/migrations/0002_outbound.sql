-- Lanes of jobs, webhook endpoints and their deliveries.

-- A lane is what one slow target may hold up: 'expire', 'run:<host>', 'hook:<endpoint>'.
ALTER TABLE jobs ADD COLUMN lane {{text}} NOT NULL DEFAULT 'expire';
-- Failures in a row; attempts only count claims, which are the fence.
ALTER TABLE jobs ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
UPDATE jobs SET lane = kind;
DROP INDEX jobs_due;
CREATE INDEX jobs_by_lane ON jobs (lane, run_at) WHERE dead = 0;

-- Secrets are sealed. `events` is a newline-framed list, empty for all.
CREATE TABLE webhooks (
  workspace_id {{text}} NOT NULL,
  id {{text}} NOT NULL,
  url TEXT NOT NULL,
  description TEXT,
  events TEXT NOT NULL,
  secret_sealed TEXT NOT NULL,
  old_secret_sealed TEXT,
  old_secret_until BIGINT,
  disabled_at TEXT,
  disabled_reason TEXT,
  failing_since BIGINT,
  created_at TEXT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

-- One message to one endpoint. What it says is folded from the events up to `sequence` when it is sent.
CREATE TABLE deliveries (
  webhook_id {{text}} NOT NULL,
  id {{text}} NOT NULL,
  workspace_id {{text}} NOT NULL,
  event_id {{text}} NOT NULL,
  type TEXT NOT NULL,
  approval_id {{text}},
  sequence BIGINT NOT NULL,
  state TEXT NOT NULL,
  round BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  tries TEXT NOT NULL,
  response TEXT,
  next_at BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (webhook_id, id)
);
CREATE INDEX deliveries_by_state ON deliveries (webhook_id, state, id);
