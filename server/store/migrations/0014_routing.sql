-- Absence, groups, agents with an owner, and one open approval per resource.

ALTER TABLE members ADD COLUMN away_until BIGINT;
ALTER TABLE members ADD COLUMN substitute_id {{text}};

CREATE TABLE people_groups (
  workspace_id {{text}} NOT NULL,
  id {{text}} NOT NULL,
  name {{text}} NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX people_groups_by_name ON people_groups (workspace_id, name);

CREATE TABLE group_members (
  workspace_id {{text}} NOT NULL,
  group_id {{text}} NOT NULL,
  member_id {{text}} NOT NULL,
  PRIMARY KEY (workspace_id, group_id, member_id)
) {{clustered}};
CREATE INDEX groups_of_member ON group_members (workspace_id, member_id);

CREATE TABLE agents (
  workspace_id {{text}} NOT NULL,
  agent_id {{text}} NOT NULL,
  name TEXT,
  owner_id {{text}},
  team_id TEXT,
  created_at TEXT NOT NULL,
  PRIMARY KEY (workspace_id, agent_id)
) {{clustered}};

-- Held while its approval is open. The key is what makes two open approvals for one resource impossible.
CREATE TABLE resource_locks (
  workspace_id {{text}} NOT NULL,
  resource_key {{text}} NOT NULL,
  approval_id {{text}} NOT NULL,
  PRIMARY KEY (workspace_id, resource_key)
) {{clustered}};
