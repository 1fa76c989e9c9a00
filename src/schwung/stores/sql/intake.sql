-- name: see
-- Notes the ids of a commit in one go. :keys: :count keys of 14 bytes, one after the other. Fewer rows: some were known.
INSERT INTO seen (key)
WITH RECURSIVE place (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM place WHERE n + 1 < :count)
SELECT substr(:keys, n * 14 + 1, 14) FROM place WHERE true
ON CONFLICT DO NOTHING

-- name: seen_places
-- Which of the keys are known, as places in :keys.
WITH RECURSIVE place (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM place WHERE n + 1 < :count)
SELECT n FROM place JOIN seen ON seen.key = substr(:keys, n * 14 + 1, 14)

-- name: add_chunk
INSERT INTO chunk (first_event_no, event_count, received_at, body, id_hashes)
VALUES (:first_event_no, :event_count, :received_at, :body, :id_hashes)

-- name: newest_hashes
SELECT chunk_no, event_count, id_hashes FROM chunk WHERE chunk_no < :before ORDER BY chunk_no DESC LIMIT 200

-- name: count_name
INSERT INTO event_name (name, source, is_declared, first_seen_at, last_seen_at, event_count)
VALUES (:name, :source, :is_declared, :now, :now, :count)
ON CONFLICT (name, source) DO UPDATE SET
  is_declared = excluded.is_declared,
  last_seen_at = ${greatest}(event_name.last_seen_at, excluded.last_seen_at),
  event_count = event_name.event_count + excluded.event_count

-- name: names
SELECT name, source, is_declared, first_seen_at, last_seen_at, event_count FROM event_name ORDER BY is_declared, event_count DESC, name, source

-- name: hold
INSERT INTO quarantine (source, message_id, name, reason, detail, body, received_at, event_no, batch_no, identifier_id, seen_key)
VALUES (:source, :message_id, :name, :reason, :detail, :body, :received_at, :event_no, :batch_no, :identifier_id, :seen_key)
ON CONFLICT DO NOTHING

-- name: held_groups
SELECT source, name, reason, min(detail) AS detail, count(*) AS event_count, min(received_at) AS first_at, max(received_at) AS last_at
FROM quarantine WHERE state = 'held'
GROUP BY source, name, reason ORDER BY event_count DESC, source, name, reason

-- name: held
SELECT quarantine_no, source, message_id, name, reason, detail, body, received_at, event_no, seen_key
FROM quarantine
WHERE state = 'held' AND quarantine_no > :after
  AND (:reason = '' OR reason = :reason) AND (:source = '' OR source = :source) AND (:name = '' OR name = :name)
ORDER BY quarantine_no LIMIT :most

-- name: held_by_no
SELECT quarantine_no, source, message_id, name, reason, detail, body, received_at, event_no, seen_key
FROM quarantine WHERE state = 'held' AND quarantine_no IN integers(:numbers) ORDER BY quarantine_no

-- name: settle
UPDATE quarantine SET state = :state, settled_at = :now WHERE state = 'held' AND quarantine_no IN integers(:numbers)
RETURNING quarantine_no

-- name: amend
UPDATE quarantine SET reason = :reason, detail = :detail WHERE state = 'held' AND quarantine_no = :quarantine_no

-- name: forget_settled
UPDATE quarantine SET body = :empty, message_id = NULL WHERE state <> 'held' AND quarantine_no IN integers(:numbers)

-- name: held_count
SELECT count(*) FROM quarantine WHERE state = 'held'

-- name: bodies
SELECT chunk_no, first_event_no, body FROM chunk ORDER BY first_event_no

-- name: newest_chunks
SELECT first_event_no, event_count, body FROM chunk WHERE first_event_no + event_count > :after ORDER BY first_event_no DESC LIMIT :most

-- name: chunk_of
SELECT first_event_no, event_count, body FROM chunk WHERE first_event_no <= :event_no ORDER BY first_event_no DESC LIMIT 1

-- name: received_since
SELECT sum(event_count) FROM chunk WHERE received_at >= :since
