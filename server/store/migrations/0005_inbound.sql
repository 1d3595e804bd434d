-- What people did in channels, from before it is acknowledged until it is done. `sealed` is the payload, sealed: it can
-- hold words of people and an address that answers for half an hour.
CREATE TABLE inbound (
  id {{text}} PRIMARY KEY,
  channel {{text}} NOT NULL,
  sealed TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
