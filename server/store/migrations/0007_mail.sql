-- Mail: what a mail's links and reply addresses stand for, what is known of an address, and mails that are no cards.

-- Only the hash of a token is kept. A used or old one stays, so that its link can say what became of it.
CREATE TABLE mail_tokens (
  hash {{text}} PRIMARY KEY,
  purpose TEXT NOT NULL,
  workspace_id {{text}} NOT NULL,
  member_id {{text}} NOT NULL,
  approval_id {{text}},
  version BIGINT,
  sent_to TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  revoked_at BIGINT
);
CREATE INDEX mail_tokens_of_member ON mail_tokens (workspace_id, member_id);
CREATE INDEX mail_tokens_by_age ON mail_tokens (created_at);

-- An address that a mail could not be delivered to, or whose owner wants none for a while.
CREATE TABLE mailboxes (
  workspace_id {{text}} NOT NULL,
  address {{text}} NOT NULL,
  dead_at BIGINT,
  dead_reason TEXT,
  muted_until BIGINT,
  PRIMARY KEY (workspace_id, address)
) {{clustered}};

-- What is sent to one person and is no card: a sign-in code, a warning, a digest. What it says may be secret: sealed.
CREATE TABLE notices (
  id {{text}} PRIMARY KEY,
  workspace_id {{text}} NOT NULL,
  channel TEXT NOT NULL,
  address TEXT NOT NULL,
  sealed TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  error TEXT,
  expires_at BIGINT NOT NULL
);
CREATE INDEX notices_over ON notices (expires_at);

CREATE INDEX members_by_email ON members (LOWER(email));
