-- name: has_migrations
SELECT count(*) FROM information_schema.tables
WHERE table_schema = current_schema() AND table_name = '_yoyo_migration'

-- name: copy
COPY ${table} (${columns}) FROM STDIN (FORMAT BINARY)

-- name: analyze
ANALYZE ${table}

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

-- name: stale_statistics
-- ANALYZE leaves the statistics of a table that has become empty; setting a column's type anew, to the same, drops them.
SELECT format(
  'ALTER TABLE %I ALTER COLUMN %I TYPE %s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
  CASE WHEN l.collname IS NULL THEN '' ELSE format(' COLLATE %I.%I', n.nspname, l.collname) END
) AS command
FROM pg_stats s
JOIN pg_class c ON c.relname = s.tablename AND c.relnamespace = to_regnamespace(s.schemaname)
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname
LEFT JOIN pg_collation l ON l.oid = a.attcollation
LEFT JOIN pg_namespace n ON n.oid = l.collnamespace
WHERE s.schemaname = current_schema() AND c.relkind = 'r' AND pg_relation_size(c.oid) = 0
  AND a.atttypid IN ('text'::regtype, 'bytea'::regtype)

-- name: rewrite_statistics
-- Only a superuser may: the histograms of deleted values.
VACUUM FULL pg_statistic
