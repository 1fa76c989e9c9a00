-- name: newest
SELECT version_no, definition, created_by, created_at FROM phase_rules ORDER BY version_no DESC LIMIT 1

-- name: one
SELECT version_no, definition, created_by, created_at FROM phase_rules WHERE version_no = :version_no

-- name: all
SELECT version_no, definition, created_by, created_at FROM phase_rules ORDER BY version_no DESC LIMIT :most

-- name: add
INSERT INTO phase_rules (definition, created_by, created_at) VALUES (:definition, :created_by, :now) RETURNING version_no
