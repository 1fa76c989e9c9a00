-- name: add
INSERT INTO audit (happened_at, actor, act, customer_id, details)
VALUES (:now, :actor, :act, :customer_id, :details)

-- name: newest
SELECT audit_no, happened_at, actor, act, customer_id, details FROM audit
WHERE audit_no < :before_no ORDER BY audit_no DESC LIMIT :limit

-- name: of_customer
SELECT audit_no, happened_at, actor, act, customer_id, details FROM audit
WHERE customer_id = :customer_id AND audit_no < :before_no ORDER BY audit_no DESC LIMIT :limit

-- name: acts_of
-- What was done to a customer, without mere looking.
SELECT audit_no, happened_at, actor, act, details FROM audit
WHERE customer_id = :customer_id AND act NOT IN ('viewed', 'searched', 'exported') ORDER BY audit_no DESC LIMIT 500
