-- Orders, lines and returns of one part of a file: what is new, what changed, what is known; then the rows for the lake.

-- name: take
CREATE OR REPLACE TEMP TABLE part AS SELECT * FROM read_parquet(${files}) WHERE key BETWEEN $low AND $high

-- name: one_of_part
SELECT * FROM part LIMIT 0

-- name: complete
-- Rows that waited from before these columns were read.
ALTER TABLE part ADD COLUMN IF NOT EXISTS promised_at BIGINT;
ALTER TABLE part ADD COLUMN IF NOT EXISTS shipped_at BIGINT;
ALTER TABLE part ADD COLUMN IF NOT EXISTS delivered_at BIGINT

-- name: keys
SELECT DISTINCT key AS order_key FROM part

-- name: number_doubles
-- nth: of equal lines of one order; only few are, so only these are numbered.
CREATE OR REPLACE TEMP TABLE double_line AS
WITH lines AS (SELECT key, content_hash, line FROM part ${numbered})
SELECT line, row_number() OVER (PARTITION BY key, content_hash ORDER BY line) AS nth
FROM lines SEMI JOIN (SELECT key, content_hash FROM lines GROUP BY key, content_hash HAVING count(*) > 1) USING (key, content_hash)

-- name: take_lines
-- A line number that stands twice in an order keeps its last line.
CREATE OR REPLACE TEMP ${shape} file_line AS
SELECT key AS order_key, l.* EXCLUDE (key), coalesce(d.nth, 1) AS nth
FROM (SELECT * FROM part ${numbered}) l LEFT JOIN double_line d USING (line)

-- name: last_of_number
QUALIFY row_number() OVER (PARTITION BY key, coalesce(line_no, line::VARCHAR) ORDER BY line DESC) = 1

-- name: no_lines
CREATE OR REPLACE TEMP TABLE file_line AS
SELECT key AS order_key, line, ordered_at, NULL::VARCHAR AS line_no, NULL::VARCHAR AS product_id, NULL::VARCHAR AS description,
  1::DECIMAL(18, 3) AS quantity, NULL::VARCHAR AS unit_price, amount_minor, shipping_minor, tax_minor, discount_minor, currency,
  is_return, 'product' AS class, NULL::VARCHAR AS return_of, NULL::VARCHAR AS reason, content_hash, 1::BIGINT AS nth
FROM part WHERE false

-- name: take_old
CREATE OR REPLACE TEMP TABLE old_line AS
SELECT *, row_number() OVER (PARTITION BY order_key, content_hash ORDER BY line_key) AS nth
FROM (
  SELECT order_key, line_key, line_no::VARCHAR AS line_no, content_hash, product_id, quantity, amount_minor, false AS is_return FROM existing_lines
  UNION ALL
  SELECT return_key, line_key, NULL, content_hash, product_id, -quantity, -amount_minor, true FROM existing_returns)
WHERE content_hash IS NOT NULL

-- name: match_known
CREATE OR REPLACE TEMP TABLE matched AS
SELECT f.line, o.order_key, o.line_key, true AS is_known FROM file_line f JOIN old_line o USING (order_key, content_hash, nth)

-- name: match_numbered
INSERT INTO matched
SELECT f.line, o.order_key, o.line_key, false
FROM (SELECT * FROM file_line ANTI JOIN matched USING (line) WHERE line_no IS NOT NULL) f
JOIN (SELECT * FROM old_line ANTI JOIN matched USING (order_key, line_key)) o
  ON o.order_key = f.order_key AND o.is_return = f.is_return AND o.line_key = key_of(f.line_no)

-- name: match_products
-- A line of the same product in the same order is the same line with other content.
INSERT INTO matched
SELECT f.line, o.order_key, o.line_key, false
FROM (
  SELECT *, coalesce(product_id, '') AS product, row_number() OVER (PARTITION BY order_key, product_id, is_return ORDER BY line) AS place
  FROM file_line ANTI JOIN matched USING (line)) f
JOIN (
  SELECT *, coalesce(product_id, '') AS product, row_number() OVER (PARTITION BY order_key, product_id, is_return ORDER BY line_key) AS place
  FROM old_line ANTI JOIN matched USING (order_key, line_key)) o USING (order_key, product, is_return, place)
WHERE f.line_no IS NULL OR o.line_no IS NULL

-- name: find_whole
-- Orders that stand in the file with all their lines; what the lake has beyond that is withdrawn.
CREATE OR REPLACE TEMP TABLE withdrawn AS
WITH counts AS (
  SELECT f.order_key, count(*) AS lines, count(m.line) AS hits, bool_or(f.line IN ($first, $last)) AS is_cut
  FROM file_line f LEFT JOIN matched m USING (line) GROUP BY f.order_key),
olds AS (SELECT order_key, count(*) AS lines FROM old_line GROUP BY order_key),
whole AS (
  SELECT c.order_key FROM counts c JOIN olds o USING (order_key)
  WHERE $whole = 'whole' OR ($whole = 'auto' AND NOT c.is_cut AND c.hits < c.lines AND 2 * c.hits >= greatest(c.lines, o.lines)))
SELECT o.order_key, o.line_key, o.is_return
FROM old_line o SEMI JOIN whole USING (order_key) ANTI JOIN matched USING (order_key, line_key)

-- name: find_changed
CREATE OR REPLACE TEMP TABLE changed_key AS
SELECT f.line, f.order_key, f.is_return, f.content_hash, f.nth, m.line_key AS old_key,
  coalesce(m.line_key, CASE WHEN f.line_no IS NOT NULL THEN key_of(f.line_no) WHEN f.nth = 1 THEN f.content_hash
    ELSE key_of(f.content_hash::VARCHAR || chr(31) || f.nth::VARCHAR) END) AS line_key
FROM file_line f LEFT JOIN matched m USING (line) WHERE m.is_known IS NOT true

-- name: show_changed
CREATE OR REPLACE TEMP VIEW changed_line AS
SELECT f.*, c.old_key, c.line_key FROM file_line f JOIN (SELECT line, old_key, line_key FROM changed_key) c USING (line)

-- name: free_keys
-- A key whose line has another content by now is taken: the new line gets one of its own.
UPDATE changed_key SET line_key = key_of(concat_ws(chr(31), content_hash::VARCHAR, nth::VARCHAR, 'again', $batch_no::VARCHAR))
WHERE old_key IS NULL AND EXISTS (FROM old_line o WHERE o.order_key = changed_key.order_key AND o.line_key = changed_key.line_key)

-- name: heads_of_lines
CREATE OR REPLACE TEMP TABLE head AS
SELECT order_key, min(f.line) AS line, any_value(order_id) AS order_id, min(ordered_at) AS ordered_at,
  arg_min(user_id, f.line) AS user_id, arg_min(email, f.line) AS email, arg_min(phone, f.line) AS phone, arg_min(card, f.line) AS card,
  arg_min(anonymous_id, f.line) AS anonymous_id, arg_min(currency, f.line) AS currency, arg_min(channel, f.line) AS channel,
  arg_min(campaign, f.line) AS campaign, arg_min(country, f.line) AS country, arg_min(coupon, f.line) AS coupon,
  arg_min(payment, f.line) AS payment, arg_min(address, f.line) AS address, arg_min(note, f.line) AS note,
  arg_min(promised_at, f.line) AS promised_at, arg_min(shipped_at, f.line) AS shipped_at, arg_min(delivered_at, f.line) AS delivered_at,
  bool_or(is_cancelled) AS is_cancelled, bool_and(is_return) AS is_return, NULL::BIGINT AS amount_minor,
  sum(shipping_minor) AS shipping_minor, sum(tax_minor) AS tax_minor, sum(discount_minor) AS discount_minor, NULL::BIGINT AS content_hash
FROM file_line f
SEMI JOIN (SELECT order_key FROM changed_key UNION SELECT order_key FROM withdrawn) USING (order_key)
GROUP BY order_key

-- name: heads_of_orders
-- An order that stands twice in the file keeps its last row.
CREATE OR REPLACE TEMP TABLE head AS
SELECT f.key AS order_key, f.* EXCLUDE (key)
FROM (SELECT * FROM part QUALIFY row_number() OVER (PARTITION BY key ORDER BY line DESC) = 1) f
LEFT JOIN existing_orders o ON o.order_key = f.key
WHERE o.content_hash IS DISTINCT FROM f.content_hash

-- name: number_heads
-- What waits: no time of its own and no order in the lake that has one.
CREATE OR REPLACE TEMP TABLE document AS
SELECT h.* REPLACE (coalesce(h.ordered_at, o.ordered_at) AS ordered_at), o.is_cancelled AS old_cancelled,
  o.order_key IS NOT NULL AS is_old, o.identifier_id AS old_identifier, o.ordered_at AS old_ordered_at, o.amount_minor AS old_amount,
  o.shipping_minor AS old_shipping, o.tax_minor AS old_tax, o.discount_minor AS old_discount, o.channel AS old_channel,
  o.campaign AS old_campaign, o.country AS old_country, o.coupon AS old_coupon, o.address AS old_address, o.payment AS old_payment,
  o.note AS old_note, o.content_hash AS old_hash, o.currency AS old_currency, o.is_net AS old_is_net,
  row_number() OVER (ORDER BY h.line) - 1 AS place
FROM head h LEFT JOIN existing_orders o USING (order_key)
WHERE coalesce(h.ordered_at, o.ordered_at) IS NOT NULL

-- name: changes
SELECT count(*) FROM document

-- name: people
SELECT place, user_id, email, phone, card, anonymous_id, ordered_at FROM document ORDER BY place

-- name: waiting
SELECT part.* FROM part SEMI JOIN (SELECT order_key AS key FROM head ANTI JOIN document USING (order_key)) USING (key)

-- name: counts
SELECT count(*) FILTER (WHERE m.line IS NULL) AS imported, count(*) FILTER (WHERE m.is_known) AS known, count(*) FILTER (WHERE NOT m.is_known) AS updated
FROM file_line LEFT JOIN matched m USING (line)

-- name: superseded
-- Lines whose number stands again further down: equal ones are known, others were changed by the later one.
SELECT count(*) FILTER (WHERE p.content_hash = f.content_hash) AS known, count(*) FILTER (WHERE p.content_hash <> f.content_hash) AS updated
FROM part p JOIN file_line f ON f.order_key = p.key AND f.line_no = p.line_no AND f.line > p.line

-- name: counts_orders
SELECT count(*) FILTER (WHERE o.order_key IS NULL AND is_last) AS imported,
  count(*) FILTER (WHERE o.content_hash IS NOT DISTINCT FROM p.content_hash OR NOT is_last) AS known,
  count(*) FILTER (WHERE o.order_key IS NOT NULL AND o.content_hash IS DISTINCT FROM p.content_hash AND is_last) AS updated
FROM (SELECT *, row_number() OVER (PARTITION BY key ORDER BY line DESC) = 1 AS is_last FROM part) p
LEFT JOIN existing_orders o ON o.order_key = p.key

-- name: settle
-- Whose each order is; `who` has place, identifier_id (0: nobody said), bucket, is_erased.
CREATE OR REPLACE TEMP TABLE settled AS
SELECT d.*, coalesce(nullif(w.identifier_id, 0), CASE WHEN NOT w.is_erased THEN d.old_identifier END) AS identifier_id, w.is_erased
FROM document d JOIN who w USING (place)

-- name: all_lines
-- Every line that an order has from now on.
CREATE OR REPLACE TEMP TABLE final_line AS
SELECT order_key, product_id, quantity, amount_minor, is_return, class, true AS is_filed FROM file_line SEMI JOIN settled USING (order_key)
UNION ALL
SELECT o.order_key, o.product_id, o.quantity, o.amount_minor, o.is_return, product_class(o.product_id), false
FROM old_line o SEMI JOIN settled USING (order_key) ANTI JOIN matched USING (order_key, line_key) ANTI JOIN withdrawn USING (order_key, line_key)

-- name: totals
CREATE OR REPLACE TEMP TABLE total AS
SELECT order_key,
  count(*) FILTER (WHERE NOT is_return) AS order_lines,
  coalesce(sum(amount_minor) FILTER (WHERE NOT is_return AND class IN ('product', 'extra')), 0) AS goods_minor,
  sum(amount_minor) FILTER (WHERE NOT is_return AND class = 'shipping') AS shipping_minor,
  coalesce(bool_or(NOT is_return AND class <> 'correction' AND (quantity > 0 OR amount_minor > 0)), false) AS is_order,
  coalesce(bool_or(NOT is_filed), false) AS has_others
FROM final_line GROUP BY order_key

-- name: olds
-- Whether what the lake has makes an order: if not, its being cancelled says no more than that.
CREATE OR REPLACE TEMP TABLE before_line AS
SELECT order_key, coalesce(bool_or(NOT is_return AND product_class(product_id) <> 'correction' AND (quantity > 0 OR amount_minor > 0)), false) AS was_order
FROM old_line GROUP BY order_key

-- name: added
CREATE OR REPLACE TEMP TABLE added_line AS
SELECT order_key, sum(coalesce(shipping_minor, 0) + CASE WHEN class = 'shipping' AND NOT is_return THEN amount_minor ELSE 0 END) AS shipping_minor
FROM changed_line WHERE old_key IS NULL GROUP BY order_key

-- name: orders
SELECT s.order_key, $source AS source, s.order_id, s.identifier_id, bucket_of(s.identifier_id) AS bucket, s.ordered_at,
  coalesce(s.currency, s.old_currency) AS currency,
  (CASE WHEN t.order_lines > 0 THEN t.goods_minor ELSE coalesce(s.amount_minor, s.old_amount, 0) END)::BIGINT AS amount_minor,
  (CASE WHEN $has_lines AND t.has_others AND s.is_old THEN nullif(coalesce(s.old_shipping, 0) + coalesce(a.shipping_minor, 0), 0)
    WHEN s.is_old AND s.shipping_minor IS NULL AND NOT $has_lines THEN s.old_shipping
    ELSE nullif(coalesce(s.shipping_minor, 0) + coalesce(t.shipping_minor, 0), 0) END)::BIGINT AS shipping_minor,
  coalesce(s.tax_minor, s.old_tax)::BIGINT AS tax_minor, coalesce(s.discount_minor, s.old_discount)::BIGINT AS discount_minor,
  coalesce(s.old_is_net, $is_net) AS is_net,
  coalesce(s.is_cancelled, s.old_cancelled AND coalesce(b.was_order, true), false) OR (coalesce(t.order_lines, 0) > 0 AND NOT t.is_order) AS is_cancelled,
  coalesce(s.channel, s.old_channel) AS channel, coalesce(s.campaign, s.old_campaign) AS campaign, coalesce(s.country, s.old_country) AS country,
  coalesce(s.coupon, s.old_coupon) AS coupon, CASE WHEN NOT s.is_erased THEN coalesce(s.address, s.old_address) END AS address,
  CASE WHEN NOT s.is_erased THEN coalesce(s.payment, s.old_payment) END AS payment,
  CASE WHEN NOT s.is_erased THEN coalesce(s.note, s.old_note) END AS note,
  coalesce(s.content_hash, s.old_hash) AS content_hash, $batch_no::BIGINT AS version
FROM settled s LEFT JOIN total t USING (order_key) LEFT JOIN before_line b USING (order_key) LEFT JOIN added_line a USING (order_key)
WHERE s.is_old OR NOT coalesce(s.is_return, false)

-- name: lines
SELECT c.order_key, c.line_key, try_cast(c.line_no AS BIGINT) AS line_no, $source AS source, s.identifier_id, bucket_of(s.identifier_id) AS bucket,
  s.ordered_at, c.product_id, c.description, c.quantity, c.unit_price, c.amount_minor, coalesce(c.currency, s.currency) AS currency,
  c.class = 'product' AS is_product, c.content_hash, $batch_no::BIGINT AS version
FROM changed_line c JOIN settled s USING (order_key) WHERE NOT c.is_return
UNION ALL
SELECT e.* REPLACE (s.identifier_id AS identifier_id, bucket_of(s.identifier_id) AS bucket, s.ordered_at AS ordered_at, $batch_no AS version)
FROM existing_lines e JOIN settled s USING (order_key)
ANTI JOIN changed_key c ON c.order_key = e.order_key AND c.line_key = e.line_key
ANTI JOIN withdrawn w ON w.order_key = e.order_key AND w.line_key = e.line_key
WHERE s.identifier_id IS DISTINCT FROM s.old_identifier OR s.ordered_at IS DISTINCT FROM s.old_ordered_at
UNION ALL
SELECT e.* REPLACE (NULL AS product_id, NULL AS description, 0::DECIMAL(18, 3) AS quantity, NULL AS unit_price, 0::BIGINT AS amount_minor,
  false AS is_product, NULL AS content_hash, $batch_no AS version)
FROM existing_lines e SEMI JOIN withdrawn w ON w.order_key = e.order_key AND w.line_key = e.line_key AND NOT w.is_return

-- name: returns
SELECT c.order_key AS return_key, c.line_key, $source AS source, s.order_id AS return_id,
  coalesce(key_of($source || chr(31) || c.return_of), CASE WHEN NOT s.is_return OR s.is_old THEN c.order_key END) AS order_key,
  s.identifier_id, bucket_of(s.identifier_id) AS bucket, coalesce(c.ordered_at, s.ordered_at) AS returned_at, c.product_id, -c.quantity AS quantity,
  -c.amount_minor AS amount_minor, coalesce(c.currency, s.currency) AS currency, s.channel, s.country, c.class IN ('product', 'extra') AS is_product,
  CASE WHEN NOT s.is_erased THEN c.reason END AS reason, c.content_hash, $batch_no::BIGINT AS version
FROM changed_line c JOIN settled s USING (order_key) WHERE c.is_return
UNION ALL
SELECT e.* REPLACE (s.identifier_id AS identifier_id, bucket_of(s.identifier_id) AS bucket, $batch_no AS version)
FROM existing_returns e JOIN settled s ON s.order_key = e.return_key
ANTI JOIN changed_key c ON c.order_key = e.return_key AND c.line_key = e.line_key
ANTI JOIN withdrawn w ON w.order_key = e.return_key AND w.line_key = e.line_key
WHERE s.identifier_id IS DISTINCT FROM s.old_identifier
UNION ALL
SELECT e.* REPLACE (NULL AS product_id, 0::DECIMAL(18, 3) AS quantity, 0::BIGINT AS amount_minor, false AS is_product, NULL AS reason,
  NULL AS content_hash, $batch_no AS version)
FROM existing_returns e SEMI JOIN withdrawn w ON w.order_key = e.return_key AND w.line_key = e.line_key AND w.is_return

-- name: events
-- One event per order with all its lines, one per return. Where the lines exceed 4 MB, the event goes without them.
WITH items AS (
  SELECT order_key, is_return, sum(amount_minor)::BIGINT AS amount_minor, min(line) AS line, count(*) AS lines,
    to_json(list({product_id: product_id, name: description, quantity: abs(quantity)::DOUBLE, price: unit_price::DOUBLE} ORDER BY line))::VARCHAR AS products
  FROM (SELECT order_key, is_return, amount_minor, line, product_id, description, quantity, unit_price FROM file_line SEMI JOIN settled USING (order_key))
  GROUP BY order_key, is_return),
said AS (
  SELECT s.*, i.is_return AS gives_back, o.amount_minor AS total_minor, i.amount_minor AS back_minor, o.shipping_minor AS total_shipping,
    o.is_cancelled AS is_off, i.lines, CASE WHEN strlen(i.products) <= 4000000 THEN i.products END AS products,
    o.order_key IS NOT NULL AS is_order
  FROM settled s LEFT JOIN items i USING (order_key) LEFT JOIN order_row o USING (order_key)
  WHERE (coalesce(i.is_return, false) AND EXISTS (FROM changed_key c WHERE c.order_key = s.order_key AND c.is_return))
    OR (NOT coalesce(i.is_return, false) AND (o.order_key IS NOT NULL AND (s.is_old OR NOT o.is_cancelled))))
SELECT $first_no + row_number() OVER (ORDER BY line, gives_back) - 1 AS event_no,
  CASE WHEN gives_back THEN 'order_refunded' WHEN NOT is_old THEN 'order_completed' WHEN is_off THEN 'order_cancelled' ELSE 'order_updated' END AS name,
  ordered_at AS happened_at, $now::BIGINT AS received_at, $source AS source, channel, campaign, identifier_id, bucket_of(identifier_id) AS bucket,
  order_id, NULL::VARCHAR AS product_id, (CASE WHEN gives_back THEN -back_minor ELSE total_minor END)::BIGINT AS amount_minor, currency,
  left(json_merge_patch('{}', json_object('order_id', order_id, 'currency', currency, 'is_net', $is_net, 'channel', channel, 'country', country,
      'coupon', coupon, 'subtotal', CASE WHEN NOT coalesce(gives_back, false) THEN major(total_minor, currency) END,
      'amount', CASE WHEN gives_back THEN -major(back_minor, currency) END,
      'shipping', CASE WHEN NOT coalesce(gives_back, false) THEN major(total_shipping, currency) END))::VARCHAR, -1)
    || CASE WHEN products IS NULL THEN '' ELSE ',"products":' || products END || '}' AS properties,
  NULL::VARCHAR AS context, $batch_no::BIGINT AS batch_no
FROM said

-- name: deliveries
-- When orders were shipped and delivered, as events of their own.
SELECT 0::BIGINT AS event_no, name, moment AS happened_at, $now::BIGINT AS received_at, $source AS source, NULL::VARCHAR AS channel, NULL::VARCHAR AS campaign,
  identifier_id, bucket_of(identifier_id) AS bucket, order_id, NULL::VARCHAR AS product_id, NULL::BIGINT AS amount_minor, NULL::VARCHAR AS currency,
  json_merge_patch('{}', json_object('order_id', order_id, 'promised_at', iso(promised_at)))::VARCHAR AS properties,
  NULL::VARCHAR AS context, $batch_no::BIGINT AS batch_no
FROM (SELECT s.*, unnest(['order_shipped', 'order_delivered']) AS name, unnest([s.shipped_at, s.delivered_at]) AS moment FROM settled s)
WHERE moment IS NOT NULL AND NOT coalesce(is_return, false)

-- name: summary
-- What a dry run tells.
SELECT count(*) FILTER (WHERE NOT coalesce(is_return, false)) AS orders, count(*) FILTER (WHERE is_return) AS returns,
  count(*) FILTER (WHERE coalesce(user_id, email, phone, card, anonymous_id) IS NULL) AS guests, min(ordered_at) AS first_at, max(ordered_at) AS last_at
FROM head
