-- name: chunks
SELECT count(*) FROM chunk c
WHERE c.received_at < :before AND c.batch_no <= (SELECT coalesce(max(s.batch_no), 0) FROM snapshot s)

-- name: delete_chunks
-- Only what the lake has.
DELETE FROM chunk
WHERE received_at < :before AND batch_no <= (SELECT coalesce(max(s.batch_no), 0) FROM snapshot s)

-- name: quarantine
SELECT count(*) FROM quarantine WHERE received_at < :before

-- name: delete_quarantine
DELETE FROM quarantine WHERE received_at < :before

-- name: audit
SELECT count(*) FROM audit WHERE happened_at < :before

-- name: delete_audit
DELETE FROM audit WHERE happened_at < :before

-- name: drafts
SELECT count(*) FROM import_run WHERE state = 'draft' AND changed_at < :before

-- name: delete_drafts
-- Their files go with the uploads.
DELETE FROM import_run WHERE state = 'draft' AND changed_at < :before
