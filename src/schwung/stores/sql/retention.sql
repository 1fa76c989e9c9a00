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

-- name: messages
SELECT count(*) FROM message WHERE closed_at < :before AND state NOT IN ('planned', 'held', 'claimed')

-- name: delete_messages
DELETE FROM message WHERE closed_at < :before AND state NOT IN ('planned', 'held', 'claimed')

-- name: message_fates
SELECT count(*) FROM message_fate WHERE happened_at < :before

-- name: delete_message_fates
DELETE FROM message_fate WHERE happened_at < :before

-- name: journeys
SELECT count(*) FROM enrollment WHERE ended_at < :before

-- name: delete_journeys
DELETE FROM enrollment WHERE ended_at < :before

-- name: refusals
SELECT count(*) FROM journey_refusal WHERE refused_at < :before

-- name: delete_refusals
DELETE FROM journey_refusal WHERE refused_at < :before

-- name: tasks
SELECT count(*) FROM task WHERE closed_at < :before

-- name: delete_tasks
DELETE FROM task WHERE closed_at < :before

-- name: calls
SELECT count(*) FROM webhook_call WHERE closed_at < :before

-- name: delete_calls
DELETE FROM webhook_call WHERE closed_at < :before
