-- name: all
SELECT call_no, call_key, customer_id, journey_no, enrollment_no, step_id, url, state, reason, attempts, planned_at, due_at, closed_at
FROM webhook_call ORDER BY call_no
