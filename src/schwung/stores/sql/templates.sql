-- name: all
SELECT t.template_no, t.name, t.channel, t.version, t.changed_at, v.definition, v.saved_by
FROM template t JOIN template_version v ON v.template_no = t.template_no AND v.version = t.version
WHERE t.deleted_at IS NULL ORDER BY t.name

-- name: by_name
SELECT t.template_no, t.name, t.channel, t.version, t.changed_at, v.definition, v.saved_by
FROM template t JOIN template_version v ON v.template_no = t.template_no AND v.version = t.version
WHERE t.name = :name AND t.deleted_at IS NULL

-- name: ever
SELECT template_no, version FROM template WHERE name = :name

-- name: stamp
-- Changes whenever any template does.
SELECT count(*) AS templates, coalesce(sum(version), 0) AS versions, coalesce(max(changed_at), 0) AS changed_at FROM template

-- name: add
INSERT INTO template (name, channel, version, created_at, changed_at) VALUES (:name, :channel, 1, :now, :now) RETURNING template_no

-- name: change
UPDATE template SET channel = :channel, version = :version, changed_at = :now, deleted_at = NULL WHERE template_no = :template_no

-- name: add_version
INSERT INTO template_version (template_no, version, definition, saved_by, saved_at)
VALUES (:template_no, :version, :definition, :saved_by, :now)

-- name: delete
UPDATE template SET deleted_at = :now, changed_at = :now WHERE template_no = :template_no AND deleted_at IS NULL

-- name: versions
SELECT version, definition, saved_by, saved_at FROM template_version WHERE template_no = :template_no ORDER BY version DESC

-- name: version
SELECT definition FROM template_version WHERE template_no = :template_no AND version = :version

-- name: waiting
-- Messages that are still to be sent with a template.
SELECT count(*) FROM message WHERE template = :name AND state IN ('planned', 'held', 'claimed')

-- name: being_sent
-- Customers whose messages with these templates are being sent now.
SELECT DISTINCT customer_id FROM message WHERE state = 'claimed' AND template IN texts(:names) ORDER BY customer_id LIMIT :most

-- name: traits
-- Names of traits that anybody has.
SELECT DISTINCT name FROM trait ORDER BY name

-- name: customers
SELECT customer_id, full_name, email, country, order_count, revenue_minor, first_order_at, last_order_at
FROM customer_list WHERE customer_id IN integers(:customer_ids)

-- name: identifiers
SELECT customer_id, identifier_id FROM identifier WHERE customer_id IN integers(:customer_ids) ORDER BY identifier_id

-- name: some_customer
SELECT customer_id FROM customer_list WHERE email IS NOT NULL ORDER BY order_count DESC, customer_id LIMIT 1
