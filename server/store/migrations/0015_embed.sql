-- Embedding in a host's page: registered origins, the hosts' public keys, tokens, and which of them ended early.

CREATE TABLE origins (
  id {{text}} PRIMARY KEY,
  workspace_id {{text}} NOT NULL,
  origin {{text}} NOT NULL,
  created_by {{text}} NOT NULL,
  created_at TEXT NOT NULL
);
CREATE UNIQUE INDEX origins_by_origin ON origins (origin, workspace_id);
CREATE INDEX origins_of_workspace ON origins (workspace_id, id);

-- The name of a key is the host's own, so it is only unique within a workspace.
CREATE TABLE host_keys (
  workspace_id {{text}} NOT NULL,
  kid {{text}} NOT NULL,
  name TEXT NOT NULL,
  x TEXT NOT NULL,
  created_by {{text}} NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (workspace_id, kid)
);

CREATE TABLE embed_tokens (
  id {{text}} PRIMARY KEY,
  workspace_id {{text}} NOT NULL,
  secret_hash TEXT NOT NULL,
  granted TEXT NOT NULL,
  created_by {{text}} NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX embed_tokens_by_end ON embed_tokens (expires_at);

-- A row of its own, since a token that a host signed has no other.
CREATE TABLE embed_ends (
  workspace_id {{text}} NOT NULL,
  token_id {{text}} NOT NULL,
  what {{text}} NOT NULL,
  keep_until BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, token_id, what)
);
CREATE INDEX embed_ends_by_age ON embed_ends (keep_until);
