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

-- name: tables_with_text
-- Every table of ours that can hold words; seen has hashes only and is by far the largest.
SELECT DISTINCT c.relname AS name
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = to_regnamespace(current_schema()) AND c.relkind = 'r'
  AND a.atttypid IN ('text'::regtype, 'bytea'::regtype) AND c.relname NOT IN ('seen', 'lease', 'process')
ORDER BY 1

-- name: rewrite
VACUUM (FULL, ANALYZE) ${table}

-- name: rewrite_statistics
-- Only a superuser may: the histograms of deleted values.
VACUUM FULL pg_statistic
