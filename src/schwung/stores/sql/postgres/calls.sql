-- name: claim
-- Rows are claimed as they are read, so that several workers call different ones.
UPDATE webhook_call SET state = 'claimed', claimed_at = :now, attempts = attempts + 1
WHERE call_no IN (
  SELECT c.call_no FROM webhook_call c JOIN journey j ON j.journey_no = c.journey_no AND j.state = 'live'
  WHERE c.state = 'planned' AND c.due_at <= :now ORDER BY c.due_at, c.call_no LIMIT :most FOR UPDATE OF c SKIP LOCKED)
RETURNING call_no, call_key, customer_id, journey_no, enrollment_no, step_id, url, save, attempts, lapses_at
