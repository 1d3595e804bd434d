-- Mail that comes in: whose address takes digests only, and the addresses of a workspace that something is known of.

ALTER TABLE mailboxes ADD COLUMN digests_since BIGINT;
