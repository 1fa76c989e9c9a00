-- Rows are claimed as they are read, so that several workers move different customers.

-- name: due
-- One slice of those whose step acts now.
SELECT e.enrollment_no, e.arm, e.waits_for, e.lot FROM enrollment e
WHERE e.journey_no = :journey_no AND e.step_id = :step_id AND e.state = 'active' AND e.due_at <= :now
ORDER BY e.due_at LIMIT :most
FOR UPDATE SKIP LOCKED

-- name: due_by_rule
-- The same with whether each is in a list now, and how often its trail holds a mark.
SELECT e.enrollment_no, e.arm,
  CASE WHEN EXISTS (
    SELECT 1 FROM identifier i JOIN membership m ON m.identifier_id = i.customer_id
    WHERE i.identifier_id = e.customer_id AND m.list_no = :list_no OFFSET 0) THEN 1 ELSE 0 END,
  (length(e.trail) - length(replace(e.trail, :mark, ''))) / :mark_length, e.lot
FROM enrollment e
WHERE e.journey_no = :journey_no AND e.step_id = :step_id AND e.state = 'active' AND e.due_at <= :now
ORDER BY e.due_at LIMIT :most
FOR UPDATE OF e SKIP LOCKED

-- name: untold
SELECT e.enrollment_no, e.journey_no, e.customer_id, e.state, e.arm, e.entered_at, e.ended_at, e.reason, e.untold
FROM enrollment e WHERE e.untold > 0 ORDER BY e.enrollment_no LIMIT :most
FOR UPDATE SKIP LOCKED

-- name: reached
-- Ways that something heard ends: it happened after entry, and is not what let the customer in. The order of the joins is meant:
-- from the few that were heard to their ways.
SELECT e.enrollment_no, e.step_id, e.arm
FROM heard h CROSS JOIN identifier i CROSS JOIN identifier o CROSS JOIN enrollment e
WHERE h.heard_no among(:picked) AND i.identifier_id = h.customer_id AND o.customer_id = i.customer_id
  AND e.journey_no + 0 = :journey_no AND e.customer_id = o.identifier_id AND e.state || '' = 'active' AND h.entry_key <> e.entry_key
  AND h.happened_at >= e.entered_at AND (:within = 0 OR h.happened_at < e.entered_at + :within)
FOR UPDATE OF e

-- name: some_active
SELECT enrollment_no, step_id, arm FROM enrollment WHERE journey_no = :journey_no AND state = 'active' LIMIT :most
FOR UPDATE

-- name: some_at
SELECT enrollment_no, step_id, arm FROM enrollment
WHERE journey_no = :journey_no AND state = 'active' AND step_id = :step_id LIMIT :most
FOR UPDATE
