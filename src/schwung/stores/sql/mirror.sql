-- name: open_batch
INSERT INTO batch (batch_no, kind, state, created_at, event_count, staging)
VALUES (:batch_no, :kind, 'open', :now, :event_count, :staging)

-- name: unfinished
-- The batch that a crash left; there is at most one.
SELECT batch_no, kind, staging, event_count FROM batch WHERE state = 'open' ORDER BY batch_no LIMIT 1

-- name: batch
SELECT batch_no, kind, state, staging, event_count FROM batch WHERE batch_no = :batch_no

-- name: waiting_chunks
SELECT chunk_no, event_count FROM chunk WHERE batch_no IS NULL ORDER BY chunk_no LIMIT :most

-- name: take_chunks
UPDATE chunk SET batch_no = :batch_no WHERE batch_no IS NULL AND chunk_no <= :top

-- name: chunks
SELECT chunk_no, first_event_no, body FROM chunk WHERE batch_no = :batch_no ORDER BY first_event_no

-- name: lag
-- Events that were received and are not in the lake, and when the oldest of them came.
SELECT coalesce(sum(event_count), 0) AS events, min(received_at) AS oldest_at FROM chunk WHERE batch_no IS NULL

-- name: first_beyond
-- The number of the first received event that a snapshot does not hold.
SELECT min(first_event_no) FROM chunk WHERE batch_no IS NULL OR batch_no > :batch_no

-- name: close_batch
UPDATE batch SET state = 'done', done_at = :now WHERE batch_no = :batch_no AND state = 'open'

-- name: publish
INSERT INTO snapshot (batch_no, published_at, tables, last_fact_at) VALUES (:batch_no, :now, :tables, :last_fact_at)

-- name: republish
-- The same rows in other files.
UPDATE snapshot SET tables = :tables WHERE batch_no = :batch_no

-- name: snapshot
SELECT batch_no, published_at, tables, last_fact_at FROM snapshot ORDER BY batch_no DESC LIMIT 1

-- name: published
SELECT batch_no, published_at FROM snapshot ORDER BY batch_no

-- name: prune_snapshots
DELETE FROM snapshot WHERE batch_no < :before

-- name: prune_batches
DELETE FROM batch WHERE state = 'done' AND done_at < :before AND batch_no < :newest
