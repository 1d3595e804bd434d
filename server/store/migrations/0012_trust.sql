-- Trust budgets: what people decided on an agent's requests, and what the agent has spent of what that earned it.

-- One row for each decision of a person, written in its commit, whether or not trust is turned on; never changed.
-- `costed`: the request stated what it costs in money.
CREATE TABLE trust_decisions (
  workspace_id {{text}} NOT NULL,
  agent_id {{text}} NOT NULL,
  action_type {{text}} NOT NULL,
  decided_at BIGINT NOT NULL,
  approval_id {{text}} NOT NULL,
  outcome TEXT NOT NULL,
  costed BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, agent_id, action_type, decided_at, approval_id)
) {{clustered}};
CREATE INDEX trust_decisions_costed ON trust_decisions (workspace_id, action_type) WHERE costed = 1;

-- The counter that is spent from; its row is also the lock between spending and a denial. Money is in millionths.
-- `owed`: a sampled request ended without a decision, so the next one is sampled for certain.
CREATE TABLE trust_accounts (
  workspace_id {{text}} NOT NULL,
  agent_id {{text}} NOT NULL,
  action_type {{text}} NOT NULL,
  window_ends_at BIGINT NOT NULL,
  spent_count BIGINT NOT NULL,
  spent_micro_usd BIGINT NOT NULL,
  sampled BIGINT NOT NULL,
  owed BIGINT NOT NULL,
  costed BIGINT NOT NULL,
  demoted_at BIGINT,
  PRIMARY KEY (workspace_id, agent_id, action_type)
) {{clustered}};
CREATE INDEX trust_accounts_costed ON trust_accounts (workspace_id, action_type) WHERE costed = 1;
