-- name: newest
SELECT definition FROM lead_points ORDER BY version_no DESC LIMIT 1

-- name: add
INSERT INTO lead_points (definition, created_by, created_at) VALUES (:definition, :created_by, :now) RETURNING version_no
