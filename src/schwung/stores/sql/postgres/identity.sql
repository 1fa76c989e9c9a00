-- name: find
-- One look into the index per value; a join would be planned as a scan of all identifiers.
SELECT asked.value, found.identifier_id
FROM unnest(:values::text[]) AS asked (value)
CROSS JOIN LATERAL (
  SELECT i.identifier_id FROM identifier i
  WHERE i.value = asked.value COLLATE "C" AND i.kind = :kind AND i.retired_at IS NULL
  LIMIT 1
) found

-- name: known_links
SELECT found.low_id, found.high_id
FROM unnest(:low_ids::bigint[]) AS asked (low_id)
CROSS JOIN LATERAL (
  SELECT l.low_id, l.high_id FROM link l WHERE l.low_id = asked.low_id LIMIT 100000
) found

-- name: customers_of
SELECT found.identifier_id, found.customer_id
FROM unnest(:identifier_ids::bigint[]) AS asked (identifier_id)
CROSS JOIN LATERAL (
  SELECT i.identifier_id, i.customer_id FROM identifier i WHERE i.identifier_id = asked.identifier_id LIMIT 1
) found
