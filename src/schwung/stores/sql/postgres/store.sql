-- name: has_migrations
SELECT count(*) FROM information_schema.tables
WHERE table_schema = current_schema() AND table_name = '_yoyo_migration'

-- name: copy
COPY ${table} (${columns}) FROM STDIN (FORMAT BINARY)

-- name: column_types
SELECT attname AS name, atttypid AS type FROM pg_attribute
WHERE attrelid = to_regclass(:table) AND attnum > 0 AND NOT attisdropped

-- name: lock_schema
-- Held until the connection ends.
SELECT pg_advisory_lock(:number)

-- name: settings
SELECT name, setting AS value FROM pg_settings
WHERE name IN ('server_version', 'server_version_num', 'server_encoding', 'fsync', 'full_page_writes')
