-- name: open
SELECT task_no, customer_id, journey_no, enrollment_no, step_id, title, note, owner, state, created_at, due_at
FROM task WHERE state = 'open' ORDER BY due_at IS NULL, due_at, task_no

-- name: listed
-- Of one state, of some owners or of all (no names): open ones by when they are due, done ones the newest first.
SELECT t.task_no, p.customer_id, l.full_name, t.journey_no, j.name AS journey, t.title, t.note, t.owner, t.state, t.created_at, t.due_at,
  t.closed_at
FROM task t LEFT JOIN identifier p ON p.identifier_id = t.customer_id
LEFT JOIN customer_list l ON l.customer_id = p.customer_id
LEFT JOIN journey j ON j.journey_no = t.journey_no
WHERE t.state = :state AND (:is_all = 1 OR lower(t.owner) IN texts(:owners))
ORDER BY t.closed_at DESC, t.due_at IS NULL, t.due_at, t.task_no LIMIT :most OFFSET :skip

-- name: one
SELECT t.task_no, p.customer_id, l.full_name, t.journey_no, j.name AS journey, t.title, t.note, t.owner, t.state, t.created_at, t.due_at,
  t.closed_at
FROM task t LEFT JOIN identifier p ON p.identifier_id = t.customer_id
LEFT JOIN customer_list l ON l.customer_id = p.customer_id
LEFT JOIN journey j ON j.journey_no = t.journey_no
WHERE t.task_no = :task_no

-- name: owners
SELECT owner, count(*) AS tasks FROM task WHERE state = :state GROUP BY owner ORDER BY owner

-- name: open_count
SELECT count(*) FROM task WHERE state = 'open'

-- name: close
UPDATE task SET state = 'done', closed_by = :actor, closed_at = :now WHERE task_no = :task_no AND state = 'open'

-- name: reopen
UPDATE task SET state = 'open', closed_by = NULL, closed_at = NULL WHERE task_no = :task_no AND state = 'done'

-- name: of_identifiers
SELECT task_no, title, note, owner, state, created_at, due_at, closed_at FROM task
WHERE customer_id IN integers(:identifier_ids) ORDER BY task_no

-- name: claims
-- Identifiers of a task's customer.
SELECT o.kind, o.value FROM task t JOIN identifier i ON i.identifier_id = t.customer_id
JOIN identifier o ON o.customer_id = i.customer_id AND o.retired_at IS NULL WHERE t.task_no = :task_no ORDER BY o.identifier_id
