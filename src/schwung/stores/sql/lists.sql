-- name: all
SELECT list_no, name, note, origin, basis, size, created_by, created_at FROM saved_list
WHERE deleted_at IS NULL AND origin <> 'condition' ORDER BY list_no DESC

-- name: one
SELECT list_no, name, note, origin, basis, size, created_by, created_at, deleted_at FROM saved_list
WHERE list_no = :list_no

-- name: by_name
SELECT list_no FROM saved_list WHERE name = :name AND deleted_at IS NULL

-- name: add
INSERT INTO saved_list (name, note, origin, basis, size, created_by, created_at)
VALUES (:name, :note, :origin, :basis, :size, :created_by, :now) RETURNING list_no

-- name: rename
UPDATE saved_list SET name = :name, note = :note WHERE list_no = :list_no AND deleted_at IS NULL

-- name: set_deleted
UPDATE saved_list SET deleted_at = :deleted_at WHERE list_no = :list_no

-- name: members
SELECT identifier_id, joined_at FROM membership WHERE list_no = :list_no ORDER BY identifier_id

-- name: identifiers
SELECT identifier_id, customer_id FROM identifier
WHERE customer_id IN integers(:customer_ids) AND kind <> 'erased'

-- name: of_identifiers
SELECT l.list_no, l.name, min(m.joined_at) AS joined_at FROM membership m JOIN saved_list l ON l.list_no = m.list_no
WHERE m.identifier_id IN integers(:identifier_ids) AND l.deleted_at IS NULL AND l.origin <> 'condition'
GROUP BY l.list_no, l.name ORDER BY l.list_no

-- name: shrink
-- A customer leaves by erasure: every list that it was in is one smaller.
UPDATE saved_list SET size = size - 1
WHERE size > 0 AND list_no IN (SELECT list_no FROM membership WHERE identifier_id IN integers(:identifier_ids))

-- name: forget_search
-- What was searched for may name a person who was in the list.
UPDATE saved_list SET basis = '{}'
WHERE origin = 'filter' AND list_no IN (SELECT list_no FROM membership WHERE identifier_id IN integers(:identifier_ids))

-- name: customers
-- One page of a list's customers, in the order of their numbers.
SELECT i.customer_id, min(m.joined_at) AS joined_at FROM membership m JOIN identifier i ON i.identifier_id = m.identifier_id
WHERE m.list_no = :list_no AND i.customer_id > :after GROUP BY i.customer_id ORDER BY i.customer_id LIMIT :most

-- name: matching
-- Customers of the list of all customers: of a kind, with beginnings of words.
SELECT customer_id FROM customer_list
WHERE (:kind = '' OR kind = :kind)
  AND words LIKE :one ESCAPE '\' AND words LIKE :two ESCAPE '\' AND words LIKE :three ESCAPE '\'
ORDER BY customer_id

-- name: by_values
SELECT kind, value, customer_id FROM identifier WHERE value IN texts(:values) AND retired_at IS NULL

-- name: by_numbers
SELECT identifier_id, customer_id FROM identifier WHERE identifier_id IN integers(:numbers)
