-- name: load
INSERT INTO ${table} (${columns}) VALUES (${marks})

-- name: has_migrations
SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '_yoyo_migration'

-- name: migrations
SELECT migration_id AS name FROM _yoyo_migration ORDER BY migration_id

-- name: counter
SELECT value FROM counter WHERE name = :name

-- name: draw
-- Draws :count numbers; the answer is the last of them.
UPDATE counter SET value = value + :count WHERE name = :name RETURNING value

-- name: settings
SELECT 'version' AS name, sqlite_version() AS value
UNION ALL SELECT 'journal_mode', journal_mode FROM pragma_journal_mode
