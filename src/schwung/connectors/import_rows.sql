-- Products, spend, events and customers of one part of a file.

-- name: last_rows
-- A key that stands twice in a file keeps its last row.
CREATE OR REPLACE TEMP TABLE fresh_row AS
SELECT p.* FROM (SELECT * FROM part QUALIFY row_number() OVER (PARTITION BY key ORDER BY line DESC) = 1) p
LEFT JOIN existing_rows e ON e.${key} = p.key
WHERE e.content_hash IS DISTINCT FROM p.content_hash

-- name: counts
SELECT count(*) FILTER (WHERE e.${key} IS NULL AND is_last) AS imported,
  count(*) FILTER (WHERE e.content_hash IS NOT DISTINCT FROM p.content_hash OR NOT is_last) AS known,
  count(*) FILTER (WHERE e.${key} IS NOT NULL AND e.content_hash IS DISTINCT FROM p.content_hash AND is_last) AS updated
FROM (SELECT *, row_number() OVER (PARTITION BY key ORDER BY line DESC) = 1 AS is_last FROM part) p
LEFT JOIN existing_rows e ON e.${key} = p.key

-- name: products
SELECT key AS product_key, $source AS source, product_id, name, category, price, cost, currency, tax_rate, stock, url, picture, valid_from_at,
  content_hash, $batch_no::BIGINT AS version
FROM fresh_row

-- name: sum_spend
-- Spend has no row of its own in a file: what stands for the same day, channel and campaign is added up.
CREATE OR REPLACE TEMP TABLE summed AS
SELECT key, any_value(spent_on) AS spent_on, any_value(channel) AS channel, any_value(campaign) AS campaign, max(phase) AS phase,
  sum(amount_minor)::BIGINT AS amount_minor, max(currency) AS currency, sum(hours) AS hours, count(*) AS rows,
  key_of(string_agg(content_hash::VARCHAR, ',' ORDER BY content_hash)) AS content_hash
FROM part GROUP BY key

-- name: fresh_spend
CREATE OR REPLACE TEMP TABLE fresh_row AS
SELECT s.* FROM summed s LEFT JOIN existing_rows e ON e.spend_key = s.key WHERE e.content_hash IS DISTINCT FROM s.content_hash

-- name: counts_spend
SELECT coalesce(sum(rows) FILTER (WHERE e.spend_key IS NULL), 0)::BIGINT,
  coalesce(sum(rows) FILTER (WHERE e.content_hash = s.content_hash), 0)::BIGINT,
  coalesce(sum(rows) FILTER (WHERE e.spend_key IS NOT NULL AND e.content_hash <> s.content_hash), 0)::BIGINT
FROM summed s LEFT JOIN existing_rows e ON e.spend_key = s.key

-- name: spend
SELECT key AS spend_key, $source AS source, spent_on, channel, campaign, phase, amount_minor, currency, hours, content_hash, $batch_no::BIGINT AS version
FROM fresh_row

-- name: event_keys
-- The event's own number, else its content and how often it stood there before.
CREATE OR REPLACE TEMP TABLE keyed AS
SELECT *, CASE WHEN event_id IS NOT NULL THEN key_of('id' || chr(31) || event_id)
  ELSE key_of(key::VARCHAR || chr(31) || row_number() OVER (PARTITION BY key ORDER BY line)::VARCHAR) END AS event_key
FROM part

-- name: event_span
SELECT min(happened_at), max(happened_at) FROM keyed

-- name: order_keys
SELECT DISTINCT order_key FROM keyed WHERE order_key IS NOT NULL

-- name: fresh_events
CREATE OR REPLACE TEMP TABLE fresh_row AS
SELECT k.*, o.identifier_id AS order_identifier, row_number() OVER (ORDER BY k.happened_at, k.line) - 1 AS place
FROM (SELECT * FROM keyed QUALIFY row_number() OVER (PARTITION BY event_key ORDER BY line) = 1) k
LEFT JOIN existing_orders o USING (order_key)
ANTI JOIN known_events n USING (event_key)
WHERE NOT $by_order OR k.order_key IS NULL OR o.order_key IS NOT NULL

-- name: waiting_events
SELECT part.* FROM part SEMI JOIN (
  SELECT k.line FROM keyed k ANTI JOIN existing_orders o USING (order_key) ANTI JOIN known_events n USING (event_key)
  WHERE $by_order AND k.order_key IS NOT NULL) USING (line)

-- name: event_counts
-- By rows of the file: all that a row says is new, nothing is, or some of it.
SELECT count(*) FILTER (WHERE fresh = said), count(*) FILTER (WHERE fresh = 0), count(*) FILTER (WHERE fresh BETWEEN 1 AND said - 1)
FROM (
  SELECT line, count(*) AS said, count(*) FILTER (WHERE n.event_key IS NULL AND is_first) AS fresh
  FROM (SELECT line, event_key, row_number() OVER (PARTITION BY event_key ORDER BY line) = 1 AS is_first FROM keyed) k
  LEFT JOIN known_events n USING (event_key) GROUP BY line)

-- name: people
SELECT place, user_id, email, phone, card, anonymous_id, happened_at FROM fresh_row ORDER BY place

-- name: events
SELECT place AS event_no, name, happened_at, $now::BIGINT AS received_at, $source AS source, channel, campaign,
  coalesce(nullif(w.identifier_id, 0), CASE WHEN NOT w.is_erased THEN f.order_identifier END) AS identifier_id,
  bucket_of(coalesce(nullif(w.identifier_id, 0), CASE WHEN NOT w.is_erased THEN f.order_identifier END)) AS bucket,
  order_id, product_id, amount_minor, currency, CASE WHEN w.is_erased THEN '{}' ELSE coalesce(extra, '{}') END AS properties,
  '{"import_key":"' || event_key::VARCHAR || '"}' AS context, $batch_no::BIGINT AS batch_no
FROM fresh_row f JOIN who w USING (place) ORDER BY place

-- name: fresh_waiting
-- Rows that do not wait already: as many of one content as stand here beyond those that wait.
SELECT r.* EXCLUDE (nth) FROM (SELECT *, row_number() OVER (PARTITION BY key, ${content} ORDER BY line) AS nth FROM rows_now) r
ANTI JOIN (
  SELECT key, ${content}, row_number() OVER (PARTITION BY file, key, ${content}) AS nth FROM read_parquet(${files}, filename = 'file')) w
USING (key, ${content}, nth)

-- name: customers
SELECT line, user_id, email, phone, card, anonymous_id, created_at, traits FROM part ORDER BY line
