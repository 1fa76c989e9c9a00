-- name: find
-- Identifiers in use among some values of one kind.
SELECT value, identifier_id FROM identifier
WHERE kind = :kind AND value IN texts(:values) AND retired_at IS NULL

-- name: tombstones
SELECT mark FROM tombstone WHERE mark IN texts(:marks)

-- name: has_tombstones
SELECT 1 AS found FROM tombstone LIMIT 1

-- name: blocked
SELECT kind, value FROM blocked_value

-- name: block
INSERT INTO blocked_value (kind, value, blocked_at) VALUES (:kind, :value, :blocked_at) ON CONFLICT DO NOTHING

-- name: known_links
SELECT l.low_id, l.high_id FROM link l WHERE l.low_id IN integers(:low_ids)

-- name: customers_of
SELECT identifier_id, customer_id FROM identifier WHERE identifier_id IN integers(:identifier_ids)

-- name: of_address
-- All identifiers of customers with an e-mail address like this one.
SELECT DISTINCT other.identifier_id FROM identifier mail JOIN identifier other ON other.customer_id = mail.customer_id
WHERE mail.kind = 'email' AND mail.retired_at IS NULL AND mail.value LIKE :address

-- name: seen_first
SELECT identifier_id, customer_id, first_seen_at FROM identifier WHERE identifier_id IN integers(:identifier_ids)

-- name: seen_earlier
UPDATE identifier SET first_seen_at = :first_seen_at WHERE identifier_id = :identifier_id AND first_seen_at > :first_seen_at

-- name: counts
SELECT customer_id, kind, count(*) AS number FROM identifier
WHERE customer_id IN integers(:customer_ids) AND retired_at IS NULL
GROUP BY customer_id, kind

-- name: apart
-- Pairs of customers that were declared two persons, as far as one of them is among the given.
SELECT a.customer_id AS one, b.customer_id AS other
FROM identifier a
JOIN kept_apart k ON k.low_id = a.identifier_id
JOIN identifier b ON b.identifier_id = k.high_id
WHERE a.customer_id IN integers(:customer_ids)
UNION
SELECT a.customer_id AS one, b.customer_id AS other
FROM identifier a
JOIN kept_apart k ON k.high_id = a.identifier_id
JOIN identifier b ON b.identifier_id = k.low_id
WHERE a.customer_id IN integers(:customer_ids)

-- name: has_apart
SELECT 1 AS found FROM kept_apart LIMIT 1

-- name: members
SELECT identifier_id, customer_id FROM identifier WHERE customer_id IN integers(:customer_ids) ORDER BY identifier_id

-- name: assign
UPDATE identifier SET customer_id = :to_customer_id WHERE identifier_id = :identifier_id

-- name: links_of
SELECT l.low_id, l.high_id, l.state, l.why, l.source, l.linked_at, l.batch_no
FROM identifier i JOIN link l ON l.low_id = i.identifier_id
WHERE i.customer_id = :customer_id
ORDER BY l.batch_no, l.low_id, l.high_id

-- name: refused_links_of
-- Links at either end that were refused or severed.
SELECT l.low_id, l.high_id, l.state, l.why, l.source, l.linked_at FROM identifier i
JOIN link l ON l.low_id = i.identifier_id WHERE i.customer_id = :customer_id AND l.state <> 'open'
UNION
SELECT l.low_id, l.high_id, l.state, l.why, l.source, l.linked_at FROM identifier i
JOIN link l ON l.high_id = i.identifier_id WHERE i.customer_id = :customer_id AND l.state <> 'open'
ORDER BY linked_at, low_id, high_id

-- name: set_link
INSERT INTO link (low_id, high_id, state, why, source, linked_at, batch_no)
VALUES (:low_id, :high_id, :state, :why, :source, :linked_at, :batch_no)
ON CONFLICT (low_id, high_id) DO UPDATE SET
  state = excluded.state, why = excluded.why, source = excluded.source,
  linked_at = excluded.linked_at, batch_no = excluded.batch_no

-- name: sever
UPDATE link SET state = 'severed', why = 'by_hand' WHERE low_id = :low_id AND high_id = :high_id

-- name: keep_apart
INSERT INTO kept_apart (low_id, high_id, decided_at) VALUES (:low_id, :high_id, :decided_at) ON CONFLICT DO NOTHING

-- name: bring_together
-- Takes back what was said about two customers being two persons.
DELETE FROM kept_apart
WHERE (low_id IN (SELECT identifier_id FROM identifier WHERE customer_id = :one)
       AND high_id IN (SELECT identifier_id FROM identifier WHERE customer_id = :other))
   OR (low_id IN (SELECT identifier_id FROM identifier WHERE customer_id = :other)
       AND high_id IN (SELECT identifier_id FROM identifier WHERE customer_id = :one))

-- name: retire
UPDATE identifier SET retired_at = :retired_at WHERE kind = :kind AND value = :value AND retired_at IS NULL

-- name: one
SELECT identifier_id, kind, value, customer_id FROM identifier
WHERE kind = :kind AND value = :value AND retired_at IS NULL

-- name: by_value
-- Identifiers of any kind with this value, strongest hits first by age.
SELECT identifier_id, kind, value, customer_id, retired_at FROM identifier WHERE value = :value ORDER BY identifier_id

-- name: of_customer
SELECT identifier_id, kind, value, source, first_seen_at, retired_at FROM identifier
WHERE customer_id = :customer_id ORDER BY identifier_id

-- name: customer_of
SELECT customer_id FROM identifier WHERE identifier_id = :identifier_id

-- name: moves_of
SELECT m.move_no, m.identifier_id, m.from_customer_id, m.to_customer_id, m.cause, m.batch_no, m.moved_at
FROM identifier i JOIN move m ON m.identifier_id = i.identifier_id
WHERE i.customer_id = :customer_id ORDER BY m.move_no

-- name: touch
INSERT INTO touched (batch_no, customer_id) VALUES (:batch_no, :customer_id) ON CONFLICT DO NOTHING

-- name: touched_by
SELECT customer_id FROM touched WHERE batch_no = :batch_no

-- name: touched
SELECT DISTINCT customer_id FROM touched
WHERE batch_no > (SELECT coalesce(max(s.batch_no), -1) FROM snapshot s WHERE s.batch_no < :batch_no) AND batch_no <= :batch_no
ORDER BY customer_id

-- name: forget_touched
DELETE FROM touched WHERE batch_no <= (SELECT coalesce(max(batch_no), -1) FROM snapshot)

-- name: changed
-- Identifiers that are new or moved since the snapshot before this batch.
SELECT i.identifier_id, i.customer_id FROM identifier i
WHERE i.batch_no > (SELECT coalesce(max(s.batch_no), 0) FROM snapshot s WHERE s.batch_no < :batch_no)
  AND i.batch_no <= :batch_no
UNION
SELECT i.identifier_id, i.customer_id FROM move m CROSS JOIN identifier i
WHERE m.batch_no > (SELECT coalesce(max(s.batch_no), 0) FROM snapshot s WHERE s.batch_no < :batch_no)
  AND m.batch_no <= :batch_no AND i.identifier_id = m.identifier_id
ORDER BY identifier_id

-- name: all_identities
SELECT identifier_id, customer_id FROM identifier ORDER BY identifier_id

-- name: all_links
SELECT low_id, high_id, state FROM link ORDER BY low_id, high_id

-- name: members_with_batch
SELECT identifier_id, batch_no FROM identifier WHERE customer_id = :customer_id ORDER BY identifier_id

-- name: some
SELECT identifier_id, kind, value FROM identifier WHERE identifier_id IN integers(:identifier_ids)
