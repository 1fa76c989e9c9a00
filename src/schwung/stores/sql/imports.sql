-- name: create
INSERT INTO import_run (import_no, kind, source, file_name, path, is_upload, size_bytes, file_hash, mapping, state, created_at, changed_at)
VALUES (:import_no, :kind, :source, :file_name, :path, :is_upload, :size_bytes, :file_hash, :mapping, :state, :now, :now)

-- name: run
SELECT * FROM import_run WHERE import_no = :import_no

-- name: newest
SELECT * FROM import_run WHERE state <> 'draft' ORDER BY import_no DESC LIMIT :most

-- name: unfinished
-- The same file with the same mapping, begun and not finished.
SELECT * FROM import_run
WHERE file_hash = :file_hash AND kind = :kind AND source = :source AND mapping = :mapping
  AND state IN ('waiting', 'reading', 'writing', 'failed', 'stopped')
ORDER BY import_no DESC LIMIT 1

-- name: next_waiting
SELECT import_no FROM import_run WHERE state IN ('waiting', 'reading', 'writing') AND is_upload = 1 ORDER BY import_no LIMIT 1

-- name: set_mapping
UPDATE import_run SET mapping = :mapping, kind = :kind, source = :source, changed_at = :now WHERE import_no = :import_no AND state = 'draft'

-- name: begin
-- Not once a person has stopped it.
UPDATE import_run SET state = :state, started_at = coalesce(started_at, :now), changed_at = :now, error = NULL
WHERE import_no = :import_no AND state <> 'stopped'

-- name: progress
UPDATE import_run SET rows_read = :rows_read, rows_rejected = :rows_rejected, bytes_read = :bytes_read, changed_at = :now WHERE import_no = :import_no

-- name: all_read
UPDATE import_run
SET state = CASE state WHEN 'stopped' THEN state ELSE 'writing' END, slices = :slices, rows_read = :rows_read, rows_rejected = :rows_rejected, bytes_read = size_bytes,
  rejects_path = :rejects_path, changed_at = :now
WHERE import_no = :import_no

-- name: finish
UPDATE import_run SET state = 'done', changed_at = :now, done_at = :now WHERE import_no = :import_no

-- name: fail
UPDATE import_run SET state = 'failed', error = :error, changed_at = :now WHERE import_no = :import_no

-- name: stop
UPDATE import_run SET state = 'stopped', changed_at = :now WHERE import_no = :import_no AND state IN ('waiting', 'reading', 'writing')

-- name: state
SELECT state FROM import_run WHERE import_no = :import_no

-- name: drafts
SELECT * FROM import_run WHERE state = 'draft' AND is_upload = 1 ORDER BY import_no DESC LIMIT :most

-- name: drop_run
DELETE FROM import_run WHERE import_no = :import_no AND state = 'draft'

-- name: parts
SELECT part_no, batch_no, counts FROM import_part WHERE import_no = :import_no ORDER BY part_no

-- name: add_part
INSERT INTO import_part (import_no, part_no, batch_no, counts, done_at) VALUES (:import_no, :part_no, :batch_no, :counts, :now)

-- name: fill_batch
-- From now on whoever finishes the batch finds its rows.
UPDATE batch SET staging = :staging WHERE batch_no = :batch_no AND state = 'open'

-- name: last_mapping
SELECT mapping FROM import_run WHERE kind = :kind AND source = :source AND state = 'done' ORDER BY import_no DESC LIMIT 1

-- name: done_of_source
SELECT import_no FROM import_run WHERE source = :source AND state = 'done' ORDER BY import_no LIMIT 1

-- name: queue
UPDATE import_run SET state = 'waiting', error = NULL, changed_at = :now WHERE import_no = :import_no AND state IN ('draft', 'failed', 'stopped')
