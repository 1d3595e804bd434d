-- Codes that are sent by mail and typed in the browser that asked for them, and what a member sees of a session.

-- A code belongs to one browser. `code_hash` is over the browser's cookie and the code, so that a copy of this table
-- gives no codes away; `sealed` is what the mail will say, gone once it was handed on.
CREATE TABLE mail_codes (
  id {{text}} PRIMARY KEY,
  purpose {{text}} NOT NULL,
  browser_hash {{text}} NOT NULL,
  address {{text}} NOT NULL,
  workspace_id {{text}},
  member_id {{text}},
  code_hash TEXT NOT NULL,
  link_hash {{text}},
  sealed TEXT,
  wrong BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  proved_at BIGINT,
  ended_at BIGINT
);
CREATE INDEX mail_codes_of_browser ON mail_codes (browser_hash, purpose);
CREATE INDEX mail_codes_of_address ON mail_codes (address, created_at);
CREATE INDEX mail_codes_by_link ON mail_codes (link_hash);
CREATE INDEX mail_codes_by_age ON mail_codes (created_at);

-- `how`: by a link that somebody handed on, or by mail.
ALTER TABLE sessions ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN how TEXT NOT NULL DEFAULT 'link';
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT 'unknown';
CREATE INDEX sessions_of_member ON sessions (workspace_id, member_id);
