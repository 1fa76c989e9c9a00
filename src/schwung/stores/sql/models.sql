-- name: ask
INSERT INTO model_version (model, state, asked, asked_by, asked_at, has_rows)
VALUES (:model, 'asked', :asked, :asked_by, :now, 0) RETURNING version

-- name: asked
SELECT version, model, asked, asked_by FROM model_version WHERE state = 'asked' ORDER BY version

-- name: start
UPDATE model_version SET state = 'running', step = 'read', started_at = :now, asked_by = :asked_by
WHERE version = :version AND state = 'asked'

-- name: set_step
UPDATE model_version SET step = :step WHERE version = :version AND state = 'running'

-- name: is_running
SELECT CASE WHEN EXISTS (SELECT 1 FROM model_version WHERE state = 'running') THEN 1 ELSE 0 END

-- name: interrupted
-- What a process left running that does not live any more; the lease of trainings must be held.
UPDATE model_version SET state = 'failed', trained_at = :now, error = :error, step = NULL WHERE state = 'running'

-- name: fail
UPDATE model_version SET state = 'failed', trained_at = :now, error = :error, step = NULL
WHERE version = :version AND state = 'running'

-- name: forget_failed
-- Of a model only the newest failure is kept.
DELETE FROM model_version WHERE model = :model AND state = 'failed' AND has_rows = 0 AND version < :version

-- name: finish
UPDATE model_version SET state = 'done', step = NULL, trained_at = :now, as_of = :as_of, customers = :customers,
  result = :result, checks = :checks, model_state = :model_state, batch_no = :batch_no, has_rows = 1
WHERE version = :version

-- name: newest
-- The version that holds at a snapshot.
SELECT version, model, state, step, asked, asked_by, asked_at, started_at, trained_at, as_of, customers, result, checks,
  model_state, error, batch_no
FROM model_version WHERE model = :model AND state = 'done' AND batch_no <= :batch_no ORDER BY batch_no DESC LIMIT 1

-- name: one
SELECT version, model, state, step, asked, asked_by, asked_at, started_at, trained_at, as_of, customers, result, checks,
  model_state, error, batch_no
FROM model_version WHERE version = :version

-- name: some
-- Newest first, without what is large.
SELECT version, model, state, step, asked, asked_by, asked_at, started_at, trained_at, as_of, customers, result,
  NULL AS checks, NULL AS model_state, error, batch_no
FROM model_version WHERE model = :model ORDER BY version DESC LIMIT :most

-- name: latest
-- The newest row of each model, whatever became of it.
SELECT v.version, v.model, v.state, v.step, v.asked, v.asked_by, v.asked_at, v.started_at, v.trained_at, v.as_of,
  v.customers, v.result, NULL AS checks, NULL AS model_state, v.error, v.batch_no
FROM model_version v
JOIN (SELECT model, max(version) AS version FROM model_version GROUP BY model) n ON n.version = v.version

-- name: of_batch
SELECT version, model FROM model_version WHERE batch_no = :batch_no

-- name: others_with_rows
SELECT version FROM model_version WHERE model = :model AND has_rows = 1 AND version <> :version ORDER BY version

-- name: retire
-- Older versions keep what they said of the customers as a whole, not what predicting needs.
UPDATE model_version SET has_rows = 0, model_state = NULL, checks = NULL
WHERE model = :model AND version <> :version AND has_rows = 1

-- name: erasure_since
SELECT max(batch_no) AS batch_no FROM batch WHERE kind = 'erasure' AND batch_no > :batch_no
