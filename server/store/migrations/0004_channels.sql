-- Cards in channels, what was said below them, accounts elsewhere, and what was seen before.

-- One card per approval and place. The row is written before the card is sent, and `ref` after it: 'sending' without a
-- ref is a card of which a process died before it knew. `fallbacks` is a JSON list of the places tried next.
CREATE TABLE posts (
  id {{text}} PRIMARY KEY,
  workspace_id {{text}} NOT NULL,
  approval_id {{text}} NOT NULL,
  channel {{text}} NOT NULL,
  address {{text}} NOT NULL,
  ref {{text}},
  state TEXT NOT NULL,
  shown_version BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  error TEXT,
  next_at BIGINT,
  busy_by TEXT,
  busy_until BIGINT,
  fallbacks TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX posts_of_approval ON posts (approval_id, channel, address);
CREATE INDEX posts_by_ref ON posts (channel, ref) WHERE ref IS NOT NULL;

-- Messages below a card: 'sending' before, 'said' after.
CREATE TABLE said (
  post_id {{text}} NOT NULL,
  message_id {{text}} NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (post_id, message_id)
) {{clustered}};

-- Accounts elsewhere that act for a member; each for one member only.
CREATE TABLE accounts (
  id {{text}} PRIMARY KEY,
  workspace_id {{text}} NOT NULL,
  member_id {{text}} NOT NULL,
  provider TEXT NOT NULL,
  team TEXT NOT NULL,
  person TEXT NOT NULL,
  linked_by {{text}} NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX accounts_by_person ON accounts (provider, team, person);
CREATE INDEX accounts_of_member ON accounts (workspace_id, member_id);
-- What an admin stated when they added a member is a link.
INSERT INTO accounts (id, workspace_id, member_id, provider, team, person, linked_by, created_at)
  SELECT 'acc_' || substr(m.id, 5), m.workspace_id, m.id, 'slack', m.slack_team_id, m.slack_user_id, 'admin', 0
  FROM members AS m
  WHERE m.slack_team_id IS NOT NULL AND m.slack_user_id IS NOT NULL AND m.removed_at IS NULL
  ON CONFLICT DO NOTHING;

-- Events and presses that were seen before.
CREATE TABLE seen (
  key {{text}} PRIMARY KEY,
  expires_at BIGINT NOT NULL
);
CREATE INDEX seen_over ON seen (expires_at);
