-- name: all
SELECT call_no, call_key, customer_id, journey_no, enrollment_no, step_id, url, state, reason, attempts, planned_at, due_at, closed_at
FROM webhook_call ORDER BY call_no

-- name: is_due
SELECT CASE WHEN EXISTS (SELECT 1 FROM webhook_call WHERE state IN ('planned', 'claimed') AND due_at <= :now) THEN 1 ELSE 0 END

-- name: claim
UPDATE webhook_call SET state = 'claimed', claimed_at = :now, attempts = attempts + 1
WHERE call_no IN (
  SELECT c.call_no FROM webhook_call c JOIN journey j ON j.journey_no = c.journey_no AND j.state = 'live'
  WHERE c.state = 'planned' AND c.due_at <= :now ORDER BY c.due_at, c.call_no LIMIT :most)
RETURNING call_no, call_key, customer_id, journey_no, enrollment_no, step_id, url, save, attempts, lapses_at

-- name: gone
SELECT call_no, enrollment_no, step_id FROM webhook_call WHERE state = 'claimed' AND claimed_at < :before

-- name: lapsed
SELECT call_no, enrollment_no, step_id FROM webhook_call WHERE state = 'planned' AND due_at <= :now AND lapses_at <= :now

-- name: identifiers
SELECT c.call_no, o.kind, o.value FROM webhook_call c JOIN identifier i ON i.identifier_id = c.customer_id
JOIN identifier o ON o.customer_id = i.customer_id AND o.retired_at IS NULL AND o.kind IN ('user_id', 'email')
WHERE c.call_no IN integers(:numbers) ORDER BY c.call_no, o.identifier_id

-- name: told
SELECT c.call_no, coalesce(i.customer_id, c.customer_id) AS customer_id, c.step_id, c.content, j.name AS journey, e.variables
FROM webhook_call c JOIN journey j ON j.journey_no = c.journey_no JOIN enrollment e ON e.enrollment_no = c.enrollment_no
LEFT JOIN identifier i ON i.identifier_id = c.customer_id WHERE c.call_no IN integers(:numbers)

-- name: close
UPDATE webhook_call SET state = :state, reason = :reason, closed_at = :now
WHERE call_no = :call_no AND state IN ('planned', 'claimed')

-- name: again
UPDATE webhook_call SET state = 'planned', reason = :reason, due_at = :due_at WHERE call_no = :call_no AND state = 'claimed'

-- name: variables
SELECT variables FROM enrollment WHERE enrollment_no = :enrollment_no

-- name: answer
UPDATE enrollment SET variables = :variables,
  due_at = CASE WHEN step_id = :step_id AND waits_for = 'answer' THEN :now ELSE due_at END,
  waits_for = CASE WHEN step_id = :step_id AND waits_for = 'answer' THEN NULL ELSE waits_for END
WHERE enrollment_no = :enrollment_no AND state = 'active'

-- name: go_on
UPDATE enrollment SET due_at = :now
WHERE enrollment_no = :enrollment_no AND step_id = :step_id AND waits_for = 'answer' AND state = 'active'
