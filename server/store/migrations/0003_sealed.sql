-- What only the asker of an approval can open: not on the record, and deleted when there is nothing left to run.
CREATE TABLE sealed_texts (
  approval_id {{text}} PRIMARY KEY,
  sealed TEXT NOT NULL
);
