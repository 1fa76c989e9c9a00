-- name: lease
SELECT name, holder, purpose, place, pid, token, beats, wanted_by, taken_at FROM lease WHERE name = :name

-- name: leases
SELECT name, holder, purpose, place, pid, token, beats, taken_at FROM lease ORDER BY name

-- name: create_lease
INSERT INTO lease (name, token, beats) VALUES (:name, 0, 0) ON CONFLICT DO NOTHING

-- name: take_lease
-- Hits only if nobody was quicker and the holder gave no sign of life since it was looked at.
UPDATE lease
SET holder = :holder, purpose = :purpose, place = :place, pid = :pid, token = token + 1, beats = 0,
    wanted_by = NULL, taken_at = :now
WHERE name = :name AND token = :token AND beats = :beats
RETURNING token

-- name: want_lease
UPDATE lease SET wanted_by = :holder WHERE name = :name AND wanted_by IS NULL

-- name: beat_lease
UPDATE lease SET beats = beats + 1 WHERE name = :name AND token = :token AND holder = :holder

-- name: release_lease
UPDATE lease SET holder = NULL, purpose = NULL, place = NULL, pid = NULL, beats = beats + 1
WHERE name = :name AND token = :token AND holder = :holder

-- name: beat_process
INSERT INTO process (process_id, kind, place, pid, started_at, beat_at, status)
VALUES (:process_id, :kind, :place, :pid, :started_at, :now, :status)
ON CONFLICT (process_id) DO UPDATE SET beat_at = excluded.beat_at, status = excluded.status

-- name: end_process
DELETE FROM process WHERE process_id = :process_id

-- name: drop_silent_processes
DELETE FROM process WHERE beat_at < :before

-- name: processes
SELECT process_id, kind, place, pid, started_at, beat_at, status FROM process ORDER BY started_at, process_id

-- name: chores
SELECT name, done_at FROM chore

-- name: chore_done
INSERT INTO chore (name, done_at) VALUES (:name, :now)
ON CONFLICT (name) DO UPDATE SET done_at = excluded.done_at

-- name: is_waiting
-- Whether the lane has work: events that no batch holds, or a batch or an erasure that a crash left open.
SELECT CASE WHEN EXISTS (SELECT 1 FROM chunk WHERE batch_no IS NULL)
              OR EXISTS (SELECT 1 FROM batch WHERE state = 'open')
              OR EXISTS (SELECT 1 FROM erasure WHERE state <> 'done') THEN 1 ELSE 0 END

-- name: event_batches
-- The latest batches and how many of their events the lake should hold.
SELECT batch_no, event_count - held_count AS events FROM batch
WHERE kind = 'events' AND state = 'done' ORDER BY batch_no DESC LIMIT :most

-- name: note_held
UPDATE batch SET held_count = :count WHERE batch_no = :batch_no

-- name: last_erasure
SELECT max(batch_no) FROM batch WHERE kind = 'erasure'

-- name: latest_moment
-- The newest moment that a server's own clock has written.
SELECT max(moment) FROM (
  SELECT max(published_at) AS moment FROM snapshot
  UNION ALL SELECT max(beat_at) FROM process
  UNION ALL SELECT (SELECT received_at FROM chunk ORDER BY chunk_no DESC LIMIT 1)
) AS moments

-- name: is_list_behind
-- Whether a batch was published that the customer list does not know.
SELECT CASE WHEN coalesce((SELECT max(batch_no) FROM snapshot), 0)
              > coalesce((SELECT value FROM counter WHERE name = 'customer_list'), 0) THEN 1 ELSE 0 END
