-- Blanket rules and gates.

-- A rule that was removed stays, since records name it. `uses` is what a rule with max_uses has spent; others count in
-- rule_uses, where many may count at once.
CREATE TABLE rules (
  workspace_id {{text}} NOT NULL,
  id {{text}} NOT NULL,
  name TEXT NOT NULL,
  effect TEXT NOT NULL,
  mode TEXT NOT NULL,
  conditions TEXT NOT NULL,
  applies_to TEXT NOT NULL,
  expires_at BIGINT,
  max_uses BIGINT,
  uses BIGINT NOT NULL,
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  removed_at TEXT,
  removed_by TEXT,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX rules_kept ON rules (workspace_id, id) WHERE removed_at IS NULL;

-- `kind`: decided, or would have decided in shadow mode.
CREATE TABLE rule_uses (
  rule_id {{text}} NOT NULL,
  kind {{text}} NOT NULL,
  shard BIGINT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (rule_id, kind, shard)
) {{clustered}};

-- What a workspace says of gates otherwise than the table of defaults; one row per change, the last one holds.
CREATE TABLE gates (
  workspace_id {{text}} NOT NULL,
  id {{text}} NOT NULL,
  primitives TEXT NOT NULL,
  action_types TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  changed_by TEXT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
