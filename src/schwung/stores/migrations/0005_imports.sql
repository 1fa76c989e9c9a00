-- Imports: what is read, how far it is. The state is the queue.

-- state: draft (being mapped), waiting (to be run), reading, writing, done, failed. mapping: YAML. slices: JSON, rows per slice of
-- the keys, once all is read. started_at: observation time of what the file says; stays when a run resumes.
CREATE TABLE import_run (
  import_no ${id},
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  file_name TEXT NOT NULL,
  path TEXT NOT NULL,
  is_upload INTEGER NOT NULL DEFAULT 0,
  size_bytes BIGINT NOT NULL,
  file_hash TEXT NOT NULL,
  mapping TEXT NOT NULL,
  state TEXT NOT NULL,
  slices TEXT,
  rows_read BIGINT NOT NULL DEFAULT 0,
  rows_rejected BIGINT NOT NULL DEFAULT 0,
  bytes_read BIGINT NOT NULL DEFAULT 0,
  rejects_path TEXT,
  error TEXT,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  changed_at BIGINT NOT NULL,
  done_at BIGINT
);
CREATE INDEX import_run_state ON import_run (state, import_no);
CREATE INDEX import_run_file ON import_run (file_hash);

-- A part is one batch. counts: JSON with imported, known, updated, waiting.
CREATE TABLE import_part (
  import_no BIGINT NOT NULL,
  part_no BIGINT NOT NULL,
  batch_no BIGINT,
  counts TEXT NOT NULL,
  done_at BIGINT NOT NULL,
  PRIMARY KEY (import_no, part_no)
) ${without_rowid};

INSERT INTO counter (name, value) VALUES ('import', 0);
