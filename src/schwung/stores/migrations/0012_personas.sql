-- Personas: the runs that found them, and how many customers each had. A persona itself is a saved list.

-- state: asked, done, failed. result: JSON, what the run found in all.
CREATE TABLE persona_run (
  run_no ${auto_id},
  state TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  computed_at BIGINT,
  result TEXT
);

CREATE TABLE persona_size (
  run_no BIGINT NOT NULL,
  list_no BIGINT NOT NULL,
  size BIGINT NOT NULL,
  share DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (run_no, list_no)
) ${without_rowid};
