-- name: arms
-- The group of each customer: of several records the first one holds. Each is looked up: never all records at once.
SELECT i.customer_id, e.arm
FROM identifier i CROSS JOIN LATERAL (
  SELECT x.arm, x.exposed_at FROM exposure x
  WHERE x.experiment_no = :experiment_no AND x.identifier_id = i.identifier_id OFFSET 0) e
WHERE i.customer_id IN integers(:customer_ids)
ORDER BY i.customer_id, e.exposed_at DESC, i.identifier_id DESC
