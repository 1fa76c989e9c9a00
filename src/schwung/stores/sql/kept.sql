-- name: put
-- Not where a person was erased since the answer was computed.
INSERT INTO kept_answer (name, computed_at, snapshot_no, body)
SELECT :name, :at, :snapshot_no, :body
WHERE NOT EXISTS (SELECT 1 FROM erasure WHERE erasure_no > :snapshot_no)
ON CONFLICT (name) DO UPDATE SET computed_at = excluded.computed_at, snapshot_no = excluded.snapshot_no, body = excluded.body

-- name: get
SELECT computed_at, snapshot_no, body FROM kept_answer WHERE name = :name AND computed_at >= :since
  AND NOT EXISTS (SELECT 1 FROM erasure WHERE erasure_no > snapshot_no)

-- name: is_erased_since
SELECT 1 FROM erasure WHERE erasure_no > :snapshot_no LIMIT 1

-- name: drop_old
DELETE FROM kept_answer WHERE computed_at < :before

-- name: drop_all
DELETE FROM kept_answer
