-- name: all
SELECT list_no, name, note, origin, basis, size, created_by, created_at FROM saved_list
WHERE origin = 'segment' AND deleted_at IS NULL ORDER BY list_no

-- name: kept
-- With the rules that journeys ask, which no page lists.
SELECT list_no, name, note, origin, basis, size, created_by, created_at FROM saved_list
WHERE origin IN ('segment', 'condition') AND deleted_at IS NULL ORDER BY list_no

-- name: conditions
SELECT list_no FROM saved_list WHERE origin = 'condition' AND deleted_at IS NULL

-- name: set_rule
UPDATE saved_list SET basis = :basis, note = :note WHERE list_no = :list_no AND origin IN ('segment', 'condition')

-- name: set_size
UPDATE saved_list SET size = (SELECT count(*) FROM membership m WHERE m.list_no = :list_no) WHERE list_no = :list_no

-- name: note_sizes
INSERT INTO segment_size (list_no, counted_on, size)
SELECT list_no, :counted_on, size FROM saved_list WHERE origin = 'segment' AND deleted_at IS NULL
ON CONFLICT (list_no, counted_on) DO UPDATE SET size = excluded.size WHERE segment_size.size <> excluded.size

-- name: sizes
SELECT counted_on, size FROM segment_size WHERE list_no = :list_no ORDER BY counted_on

-- name: due
-- The longest due first, once for each segment: grouped, the index of customers would be walked to its end.
SELECT customer_id, flip_at FROM segment_watch WHERE flip_at <= :now ORDER BY flip_at LIMIT :most

-- name: is_due
SELECT CASE WHEN EXISTS (SELECT 1 FROM segment_watch WHERE flip_at <= :now) THEN 1 ELSE 0 END

-- name: members
SELECT identifier_id, joined_at FROM membership WHERE list_no = :list_no

-- name: members_among
SELECT list_no, identifier_id, joined_at FROM membership WHERE identifier_id IN integers(:customer_ids)

-- name: watched
SELECT customer_id, flip_at FROM segment_watch WHERE list_no = :list_no

-- name: watched_among
SELECT list_no, customer_id, flip_at FROM segment_watch WHERE customer_id IN integers(:customer_ids)

-- name: leave
DELETE FROM membership WHERE list_no = :list_no AND identifier_id IN integers(:customer_ids)

-- name: unwatch
DELETE FROM segment_watch WHERE list_no = :list_no AND customer_id IN integers(:customer_ids)

-- name: forget_list
DELETE FROM segment_watch WHERE list_no = :list_no

-- name: forget_members
DELETE FROM membership WHERE list_no = :list_no

-- name: forget_watch
DELETE FROM segment_watch WHERE customer_id IN integers(:customer_ids)

-- name: forget_change
DELETE FROM segment_change WHERE customer_id IN integers(:customer_ids)

-- name: drop_changes
DELETE FROM segment_change WHERE changed_at < :before

-- name: seen
UPDATE counter SET value = ${greatest}(value, :batch_no) WHERE name = 'segments'

-- name: changes
SELECT change_no, list_no, customer_id, entered, changed_at FROM segment_change
WHERE change_no > :after AND list_no IN integers(:lists) ORDER BY change_no LIMIT :most

-- name: untold
-- Changes of segments that the lake does not know yet.
SELECT c.change_no, c.list_no, c.customer_id, c.entered, c.changed_at, c.joined_at, l.name,
  CASE WHEN l.deleted_at IS NULL THEN 0 ELSE 1 END AS is_gone
FROM segment_change c JOIN saved_list l ON l.list_no = c.list_no
WHERE c.change_no > :after AND l.origin = 'segment' ORDER BY c.change_no LIMIT :most

-- name: moves
-- How many entered and left since a moment.
SELECT entered, count(*) AS customers FROM segment_change WHERE list_no = :list_no AND changed_at >= :since GROUP BY entered

-- name: overlap
-- Of a list's customers, how many are in each other list.
SELECT o.list_no, l.name, count(DISTINCT o.identifier_id) AS customers
FROM membership m JOIN membership o ON o.identifier_id = m.identifier_id AND o.list_no <> m.list_no
JOIN saved_list l ON l.list_no = o.list_no
WHERE m.list_no = :list_no AND l.deleted_at IS NULL AND l.origin <> 'condition' GROUP BY o.list_no, l.name ORDER BY customers DESC, o.list_no

-- name: consents
SELECT i.customer_id, c.consent_no, c.purpose, c.channel, c.state, c.given_at, c.expires_at
FROM consent c JOIN identifier i ON i.identifier_id = c.identifier_id WHERE c.purpose IN texts(:purposes)

-- name: consents_among
SELECT i.customer_id, c.consent_no, c.purpose, c.channel, c.state, c.given_at, c.expires_at
FROM identifier i JOIN consent c ON c.identifier_id = i.identifier_id
WHERE i.customer_id IN integers(:customer_ids) AND c.purpose IN texts(:purposes)

-- name: last_consent
SELECT coalesce(max(consent_no), 0) FROM consent

-- name: consents_since
SELECT DISTINCT i.customer_id FROM consent c JOIN identifier i ON i.identifier_id = c.identifier_id WHERE c.consent_no > :after

-- name: seen_predictions
UPDATE counter SET value = :version WHERE name = 'segment_predictions'

-- name: seen_consent
UPDATE counter SET value = ${greatest}(value, :consent_no) WHERE name = 'segment_consents'

-- name: portrait
-- Means of all customers, and of those of one segment.
SELECT 'all' AS name, count(*) AS customers, avg(order_count * 1.0) AS orders, avg(revenue_minor * 1.0) AS revenue_minor,
  avg(CASE WHEN order_count > 0 THEN 1.0 ELSE 0.0 END) AS buyers, avg(CASE WHEN order_count > 1 THEN 1.0 ELSE 0.0 END) AS again
FROM customer_list
UNION ALL
SELECT 'segment', count(*), avg(c.order_count * 1.0), avg(c.revenue_minor * 1.0),
  avg(CASE WHEN c.order_count > 0 THEN 1.0 ELSE 0.0 END), avg(CASE WHEN c.order_count > 1 THEN 1.0 ELSE 0.0 END)
FROM membership m JOIN customer_list c ON c.customer_id = m.identifier_id WHERE m.list_no = :list_no
