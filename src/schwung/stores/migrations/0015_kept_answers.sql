-- Answers of analyses for pages, for the time after a restart. name: hash of question, settings and code. body: JSON, compressed.

CREATE TABLE kept_answer (
  name TEXT NOT NULL PRIMARY KEY,
  computed_at BIGINT NOT NULL,
  snapshot_no BIGINT NOT NULL,
  body ${blob} NOT NULL
);
