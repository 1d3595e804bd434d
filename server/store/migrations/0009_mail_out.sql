-- How many cards one place got lately, and which are held back for it.
CREATE INDEX posts_of_place ON posts (workspace_id, channel, address, created_at);
