-- name: all
SELECT board_no, name, created_by, created_at FROM board WHERE deleted_at IS NULL ORDER BY name, board_no

-- name: one
SELECT board_no, name, created_by, created_at FROM board WHERE board_no = :board_no AND deleted_at IS NULL

-- name: by_name
SELECT board_no, name, created_by, created_at FROM board WHERE name = :name AND deleted_at IS NULL ORDER BY board_no LIMIT 1

-- name: rename
UPDATE board SET name = :name WHERE board_no = :board_no AND deleted_at IS NULL

-- name: add
INSERT INTO board (name, created_by, created_at) VALUES (:name, :created_by, :now) RETURNING board_no

-- name: set_deleted
UPDATE board SET deleted_at = :deleted_at WHERE board_no = :board_no

-- name: tiles
SELECT tile_no, board_no, metric, days, target, direction, due_on, owner_id FROM board_tile
WHERE board_no = :board_no ORDER BY tile_no

-- name: add_tile
INSERT INTO board_tile (board_no, metric, days, target, direction, due_on, owner_id)
VALUES (:board_no, :metric, :days, :target, :direction, :due_on, :owner_id) RETURNING tile_no

-- name: set_tile
UPDATE board_tile SET target = :target, direction = :direction, due_on = :due_on, owner_id = :owner_id
WHERE tile_no = :tile_no AND board_no = :board_no

-- name: remove_tile
DELETE FROM board_tile WHERE tile_no = :tile_no AND board_no = :board_no

-- name: alerts
SELECT alert_no, metric, days, direction, bound, created_by, created_at, checked_at, value, is_raised, raised_at FROM alert
WHERE deleted_at IS NULL ORDER BY is_raised DESC, alert_no

-- name: add_alert
INSERT INTO alert (metric, days, direction, bound, created_by, created_at, is_raised)
VALUES (:metric, :days, :direction, :bound, :created_by, :now, 0) RETURNING alert_no

-- name: check_alert
UPDATE alert SET checked_at = :now, value = :value WHERE alert_no = :alert_no

-- name: raise_alert
UPDATE alert SET is_raised = 1, raised_at = :now WHERE alert_no = :alert_no AND is_raised = 0

-- name: lower_alert
UPDATE alert SET is_raised = 0 WHERE alert_no = :alert_no AND is_raised = 1

-- name: set_alert_deleted
UPDATE alert SET deleted_at = :deleted_at WHERE alert_no = :alert_no

-- name: annotations
SELECT annotation_no, noted_on, text_en, text_de, phase, created_by, created_at FROM annotation
WHERE deleted_at IS NULL ORDER BY noted_on DESC, annotation_no DESC

-- name: add_annotation
INSERT INTO annotation (noted_on, text_en, text_de, phase, created_by, created_at)
VALUES (:noted_on, :text_en, :text_de, :phase, :created_by, :now) RETURNING annotation_no

-- name: set_annotation_deleted
UPDATE annotation SET deleted_at = :deleted_at WHERE annotation_no = :annotation_no
