-- name: open
SELECT task_no, customer_id, journey_no, enrollment_no, step_id, title, note, owner, state, created_at, due_at
FROM task WHERE state = 'open' ORDER BY due_at IS NULL, due_at, task_no

-- name: close
UPDATE task SET state = 'done', closed_by = :actor, closed_at = :now WHERE task_no = :task_no AND state = 'open'

-- name: of_identifiers
SELECT task_no, title, note, owner, state, created_at, due_at, closed_at FROM task
WHERE customer_id IN integers(:identifier_ids) ORDER BY task_no
