-- name: all
SELECT funnel_no, name, definition, created_by, created_at, changed_at FROM saved_funnel
WHERE deleted_at IS NULL ORDER BY name, funnel_no

-- name: one
SELECT funnel_no, name, definition, created_by, created_at, changed_at FROM saved_funnel
WHERE funnel_no = :funnel_no AND deleted_at IS NULL

-- name: by_name
SELECT funnel_no FROM saved_funnel WHERE name = :name AND deleted_at IS NULL

-- name: add
INSERT INTO saved_funnel (name, definition, created_by, created_at, changed_at)
VALUES (:name, :definition, :created_by, :now, :now) RETURNING funnel_no

-- name: change
UPDATE saved_funnel SET name = :name, definition = :definition, changed_at = :now
WHERE funnel_no = :funnel_no AND deleted_at IS NULL

-- name: set_deleted
UPDATE saved_funnel SET deleted_at = :deleted_at WHERE funnel_no = :funnel_no
