-- name: observe
INSERT INTO trait (identifier_id, name, source, value, observed_at)
VALUES (:identifier_id, :name, :source, :value, :observed_at)
ON CONFLICT (identifier_id, name, source) DO UPDATE SET value = excluded.value, observed_at = excluded.observed_at
WHERE excluded.observed_at >= trait.observed_at

-- name: known_traits
SELECT identifier_id, name, source, value, observed_at FROM trait WHERE identifier_id IN integers(:identifier_ids)

-- name: of_customers
SELECT i.customer_id, t.identifier_id, t.name, t.source, t.value, t.observed_at
FROM identifier i JOIN trait t ON t.identifier_id = i.identifier_id
WHERE i.customer_id IN integers(:customer_ids)

-- name: first_seen
SELECT customer_id, min(first_seen_at) AS first_seen_at FROM identifier
WHERE customer_id IN integers(:customer_ids) GROUP BY customer_id

-- name: objected
SELECT DISTINCT i.customer_id FROM identifier i JOIN opt_out o ON o.identifier_id = i.identifier_id
WHERE i.customer_id IN integers(:customer_ids) AND o.topic = 'objection' AND o.lifted_at IS NULL

-- name: problem
INSERT INTO trait_problem (name, source, reason, seen_count, last_at)
VALUES (:name, :source, :reason, :seen_count, :last_at)
ON CONFLICT (name, source, reason) DO UPDATE SET
  seen_count = trait_problem.seen_count + excluded.seen_count, last_at = excluded.last_at

-- name: problems
SELECT name, source, reason, seen_count, last_at FROM trait_problem ORDER BY last_at DESC, name, source
