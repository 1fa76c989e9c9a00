-- name: existing
SELECT customer_id, full_name, name_key, email, user_id, country, kind, kind_changes_at, first_seen_at, first_order_at,
  last_order_at, order_count, revenue_minor, words, batch_no
FROM customer_list WHERE customer_id IN integers(:customer_ids)

-- name: between
SELECT customer_id FROM customer_list WHERE customer_id BETWEEN :low AND :high

-- name: some
SELECT customer_id FROM customer_list LIMIT 1

-- name: strike
DELETE FROM customer_list WHERE customer_id IN integers(:customer_ids)

-- name: strike_word
DELETE FROM customer_search WHERE word = :word AND customer_id = :customer_id

-- name: clear_rows
DELETE FROM customer_list

-- name: clear_words
DELETE FROM customer_search

-- name: drop_last_order
DROP INDEX IF EXISTS customer_list_last_order

-- name: create_last_order
CREATE INDEX IF NOT EXISTS customer_list_last_order ON customer_list (last_order_at, customer_id)

-- name: drop_revenue
DROP INDEX IF EXISTS customer_list_revenue

-- name: create_revenue
CREATE INDEX IF NOT EXISTS customer_list_revenue ON customer_list (revenue_minor, customer_id)

-- name: drop_name
DROP INDEX IF EXISTS customer_list_name

-- name: create_name
CREATE INDEX IF NOT EXISTS customer_list_name ON customer_list (name_key, customer_id)

-- name: drop_kind_last_order
DROP INDEX IF EXISTS customer_list_kind_last_order

-- name: create_kind_last_order
CREATE INDEX IF NOT EXISTS customer_list_kind_last_order ON customer_list (kind, last_order_at, customer_id)

-- name: drop_kind_revenue
DROP INDEX IF EXISTS customer_list_kind_revenue

-- name: create_kind_revenue
CREATE INDEX IF NOT EXISTS customer_list_kind_revenue ON customer_list (kind, revenue_minor, customer_id)

-- name: drop_kind_name
DROP INDEX IF EXISTS customer_list_kind_name

-- name: create_kind_name
CREATE INDEX IF NOT EXISTS customer_list_kind_name ON customer_list (kind, name_key, customer_id)

-- name: drop_due
DROP INDEX IF EXISTS customer_list_due

-- name: create_due
CREATE INDEX IF NOT EXISTS customer_list_due ON customer_list (kind_changes_at)

-- name: identifiers
SELECT customer_id, kind, value FROM identifier
WHERE customer_id IN integers(:customer_ids) AND retired_at IS NULL AND kind IN ('user_id', 'email', 'phone', 'card')
ORDER BY identifier_id

-- name: identifiers_between
SELECT customer_id, kind, value FROM identifier
WHERE customer_id BETWEEN :low AND :high AND retired_at IS NULL AND kind IN ('user_id', 'email', 'phone', 'card')
ORDER BY identifier_id

-- name: refreshed
UPDATE counter SET value = ${greatest}(value, :batch_no) WHERE name = 'customer_list'

-- name: due
UPDATE customer_list SET
  kind = CASE WHEN :as_of - last_order_at > :lost_after THEN 'lost' ELSE 'dormant' END,
  kind_changes_at = CASE WHEN :as_of - last_order_at > :lost_after THEN :never ELSE last_order_at + :lost_after END
WHERE kind_changes_at < :as_of

-- name: by_kind
SELECT kind, count(*) AS customers FROM customer_list GROUP BY kind

-- name: one
SELECT customer_id, full_name, name_key, email, user_id, country, kind, first_seen_at, first_order_at, last_order_at, order_count,
  revenue_minor
FROM customer_list WHERE customer_id = :customer_id

-- name: hits
SELECT customer_id FROM customer_search WHERE word >= :low AND word < :high GROUP BY customer_id LIMIT :most

-- name: count_hits
SELECT count(*) FROM (
  SELECT DISTINCT s.customer_id FROM customer_search s JOIN customer_list c ON c.customer_id = s.customer_id
  WHERE s.word >= :low AND s.word < :high AND (:kind = '' OR c.kind = :kind)
    AND c.words LIKE :one ESCAPE '\' AND c.words LIKE :two ESCAPE '\' AND c.words LIKE :three ESCAPE '\'
  LIMIT :most
) found

-- name: last_order_down
SELECT customer_id, full_name, name_key, email, user_id, country, kind, first_seen_at, first_order_at, last_order_at,
  order_count, revenue_minor, words
FROM customer_list
WHERE (last_order_at, customer_id) < (:value, :customer_id)
  AND words LIKE :one ESCAPE '\' AND words LIKE :two ESCAPE '\' AND words LIKE :three ESCAPE '\'
ORDER BY last_order_at DESC, customer_id DESC LIMIT :most

-- name: last_order_up
SELECT customer_id, full_name, name_key, email, user_id, country, kind, first_seen_at, first_order_at, last_order_at,
  order_count, revenue_minor, words
FROM customer_list
WHERE (last_order_at, customer_id) > (:value, :customer_id)
  AND words LIKE :one ESCAPE '\' AND words LIKE :two ESCAPE '\' AND words LIKE :three ESCAPE '\'
ORDER BY last_order_at ASC, customer_id ASC LIMIT :most

-- name: last_order_down_of_kind
SELECT customer_id, full_name, name_key, email, user_id, country, kind, first_seen_at, first_order_at, last_order_at,
  order_count, revenue_minor, words
FROM customer_list
WHERE (last_order_at, customer_id) < (:value, :customer_id) AND kind = :kind
  AND words LIKE :one ESCAPE '\' AND words LIKE :two ESCAPE '\' AND words LIKE :three ESCAPE '\'
ORDER BY last_order_at DESC, customer_id DESC LIMIT :most

-- name: last_order_up_of_kind
SELECT customer_id, full_name, name_key, email, user_id, country, kind, first_seen_at, first_order_at, last_order_at,
  order_count, revenue_minor, words
FROM customer_list
WHERE (last_order_at, customer_id) > (:value, :customer_id) AND kind = :kind
  AND words LIKE :one ESCAPE '\' AND words LIKE :two ESCAPE '\' AND words LIKE :three ESCAPE '\'
ORDER BY last_order_at ASC, customer_id ASC LIMIT :most

-- name: revenue_down
SELECT customer_id, full_name, name_key, email, user_id, country, kind, first_seen_at, first_order_at, last_order_at,
  order_count, revenue_minor, words
FROM customer_list
WHERE (revenue_minor, customer_id) < (:value, :customer_id)
  AND words LIKE :one ESCAPE '\' AND words LIKE :two ESCAPE '\' AND words LIKE :three ESCAPE '\'
ORDER BY revenue_minor DESC, customer_id DESC LIMIT :most

-- name: revenue_up
SELECT customer_id, full_name, name_key, email, user_id, country, kind, first_seen_at, first_order_at, last_order_at,
  order_count, revenue_minor, words
FROM customer_list
WHERE (revenue_minor, customer_id) > (:value, :customer_id)
  AND words LIKE :one ESCAPE '\' AND words LIKE :two ESCAPE '\' AND words LIKE :three ESCAPE '\'
ORDER BY revenue_minor ASC, customer_id ASC LIMIT :most

-- name: revenue_down_of_kind
SELECT customer_id, full_name, name_key, email, user_id, country, kind, first_seen_at, first_order_at, last_order_at,
  order_count, revenue_minor, words
FROM customer_list
WHERE (revenue_minor, customer_id) < (:value, :customer_id) AND kind = :kind
  AND words LIKE :one ESCAPE '\' AND words LIKE :two ESCAPE '\' AND words LIKE :three ESCAPE '\'
ORDER BY revenue_minor DESC, customer_id DESC LIMIT :most

-- name: revenue_up_of_kind
SELECT customer_id, full_name, name_key, email, user_id, country, kind, first_seen_at, first_order_at, last_order_at,
  order_count, revenue_minor, words
FROM customer_list
WHERE (revenue_minor, customer_id) > (:value, :customer_id) AND kind = :kind
  AND words LIKE :one ESCAPE '\' AND words LIKE :two ESCAPE '\' AND words LIKE :three ESCAPE '\'
ORDER BY revenue_minor ASC, customer_id ASC LIMIT :most

-- name: name_down
SELECT customer_id, full_name, name_key, email, user_id, country, kind, first_seen_at, first_order_at, last_order_at,
  order_count, revenue_minor, words
FROM customer_list
WHERE (name_key, customer_id) < (:value, :customer_id)
  AND words LIKE :one ESCAPE '\' AND words LIKE :two ESCAPE '\' AND words LIKE :three ESCAPE '\'
ORDER BY name_key DESC, customer_id DESC LIMIT :most

-- name: name_up
SELECT customer_id, full_name, name_key, email, user_id, country, kind, first_seen_at, first_order_at, last_order_at,
  order_count, revenue_minor, words
FROM customer_list
WHERE (name_key, customer_id) > (:value, :customer_id)
  AND words LIKE :one ESCAPE '\' AND words LIKE :two ESCAPE '\' AND words LIKE :three ESCAPE '\'
ORDER BY name_key ASC, customer_id ASC LIMIT :most

-- name: name_down_of_kind
SELECT customer_id, full_name, name_key, email, user_id, country, kind, first_seen_at, first_order_at, last_order_at,
  order_count, revenue_minor, words
FROM customer_list
WHERE (name_key, customer_id) < (:value, :customer_id) AND kind = :kind
  AND words LIKE :one ESCAPE '\' AND words LIKE :two ESCAPE '\' AND words LIKE :three ESCAPE '\'
ORDER BY name_key DESC, customer_id DESC LIMIT :most

-- name: name_up_of_kind
SELECT customer_id, full_name, name_key, email, user_id, country, kind, first_seen_at, first_order_at, last_order_at,
  order_count, revenue_minor, words
FROM customer_list
WHERE (name_key, customer_id) > (:value, :customer_id) AND kind = :kind
  AND words LIKE :one ESCAPE '\' AND words LIKE :two ESCAPE '\' AND words LIKE :three ESCAPE '\'
ORDER BY name_key ASC, customer_id ASC LIMIT :most
