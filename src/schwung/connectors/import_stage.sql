-- Statements of the import's own DuckDB. `${…}` are fragments built from a mapping, `$name` are values.

-- name: number_point
CREATE OR REPLACE MACRO number_point(t) AS
coalesce(
  try_cast(t AS DECIMAL(28, 8)),
  try_cast(
    CASE WHEN regexp_full_match(bare_number(t), '[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?|[+-]?[0-9]*\.?[0-9]+')
      THEN replace(bare_number(t), ',', '') END AS DECIMAL(28, 8)))

-- name: number_comma
CREATE OR REPLACE MACRO number_comma(t) AS
try_cast(
  CASE WHEN regexp_full_match(bare_number(t), '[+-]?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?|[+-]?[0-9]*,?[0-9]+')
    THEN replace(replace(bare_number(t), '.', ''), ',', '.') END AS DECIMAL(28, 8))

-- name: bare_number
CREATE OR REPLACE MACRO bare_number(t) AS
replace(regexp_replace(t, '[\s''  €$£]|EUR|USD|GBP|CHF', '', 'g'), '−', '-')

-- name: flag
CREATE OR REPLACE MACRO flag(t) AS
CASE WHEN lower(t) IN ('1', 'true', 'yes', 'ja', 'y', 'j', 't', 'x') THEN true
  WHEN lower(t) IN ('0', 'false', 'no', 'nein', 'n', 'f', '-') THEN false END

-- name: key_of
-- The same as core.stable_hash.key_of for one text.
CREATE OR REPLACE MACRO key_of(t) AS ('0x' || left(md5(t), 15))::BIGINT

-- name: minor
-- Minor units, rounded half away from zero once; null where it does not fit. code: ISO 4217.
CREATE OR REPLACE MACRO minor(amount, code) AS
CASE WHEN code IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF')
    THEN try_cast(round(amount, 0) AS BIGINT)
  WHEN code IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND')
    THEN (try_cast(round(amount, 3) AS DECIMAL(18, 3)) * 1000::DECIMAL(4, 0))::BIGINT
  ELSE (try_cast(round(amount, 2) AS DECIMAL(18, 2)) * 100::DECIMAL(3, 0))::BIGINT END

-- name: major
CREATE OR REPLACE MACRO major(amount, code) AS
CASE WHEN code IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN amount::DOUBLE
  WHEN code IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN amount / 1000
  ELSE amount / 100 END

-- name: bucket_of
-- The same as core.stable_hash.bucket_of; −1 for guests.
CREATE OR REPLACE MACRO bucket_of(id) AS CASE WHEN id IS NULL THEN -1 ELSE ('0x' || left(md5(id::VARCHAR), 8))::BIGINT % 64 END::INTEGER

-- name: iso
-- A point in time as events carry it; microseconds.
CREATE OR REPLACE MACRO iso(us) AS strftime(make_timestamp(us), '%Y-%m-%dT%H:%M:%S.%fZ')

-- name: plain
CREATE OR REPLACE MACRO plain(number) AS
CASE WHEN contains(number::VARCHAR, '.') THEN rtrim(rtrim(number::VARCHAR, '0'), '.') ELSE number::VARCHAR END

-- name: product_class
CREATE OR REPLACE MACRO product_class(product) AS
CASE WHEN product IS NULL THEN 'product'
  WHEN regexp_full_match(upper(product), ${corrections}) THEN 'correction'
  WHEN regexp_full_match(upper(product), ${shipping}) THEN 'shipping'
  WHEN regexp_full_match(upper(product), ${extras}) THEN 'extra'
  ELSE 'product' END

-- name: value_text
nullif(trim(${raw}), '')

-- name: value_whole
nullif(regexp_replace(trim(${raw}), '\.0+$', ''), '')

-- name: value_number_point
number_point(nullif(trim(${raw}), ''))

-- name: value_number_comma
number_comma(nullif(trim(${raw}), ''))

-- name: value_bool
flag(nullif(trim(${raw}), ''))

-- name: value_instant_iso
known_time(epoch_us(finite(try_cast(nullif(trim(${raw}), '') AS TIMESTAMPTZ))))

-- name: finite
CREATE OR REPLACE MACRO finite(t) AS CASE WHEN isfinite(t) THEN t END

-- name: known_time
-- As for events over HTTP: 1970 to 2254. What lies beyond is a slip of the pen, and no calendar's.
CREATE OR REPLACE MACRO known_time(us) AS CASE WHEN us >= 0 AND us < 9000000000000000 THEN us END

-- name: value_instant_format
known_time(epoch_us(timezone(${zone}, try_strptime(nullif(trim(${raw}), ''), ${format}))))

-- name: value_instant_epoch_s
known_time(try_cast(round(number_point(nullif(trim(${raw}), ''))::DOUBLE * 1000000) AS BIGINT))

-- name: value_instant_epoch_ms
known_time(try_cast(round(number_point(nullif(trim(${raw}), ''))::DOUBLE * 1000) AS BIGINT))

-- name: value_day_iso
strftime(try_cast(left(nullif(trim(${raw}), ''), 10) AS DATE), '%Y-%m-%d')

-- name: value_day_format
strftime(try_strptime(nullif(trim(${raw}), ''), ${format}), '%Y-%m-%d')

-- name: value_currency
coalesce(upper(nullif(trim(${raw}), '')), ${default})

-- name: value_null
NULL::${type}

-- name: extra
nullif('{' || concat_ws(',', ${pairs}) || '}', '{}')

-- name: extra_pair
CASE WHEN nullif(trim(${raw}), '') IS NOT NULL THEN ${name} || ':' ||
  CASE WHEN regexp_full_match(trim(${raw}), '-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?') THEN trim(${raw}) ELSE to_json(trim(${raw}))::VARCHAR END END

-- name: problem_unread
WHEN ${name} IS NULL AND nullif(trim(${raw}), '') IS NOT NULL THEN '${name}:${reason}'

-- name: problem_date
WHEN ${name} IS NULL AND nullif(trim(${raw}), '') IS NOT NULL
  THEN CASE WHEN regexp_full_match(trim(${raw}), '[0-9][0-9:./TZ +-]{5,}') THEN '${name}:no_such_day' ELSE '${name}:no_date' END

-- name: problem_empty
WHEN ${name} IS NULL THEN '${name}:empty'

-- name: problem_group
WHEN coalesce(${names}) IS NULL THEN '${name}:empty'

-- name: problem_currency
WHEN currency NOT IN (${known}) THEN 'currency:unknown_currency'

-- name: read
CREATE OR REPLACE TEMP TABLE checked AS
SELECT line, problem, ${typed}
FROM (SELECT *, CASE ${problems} ELSE NULL END AS problem FROM (SELECT *, ${derived} FROM (SELECT *, ${values} FROM raw)))

-- name: problems
SELECT line, split_part(problem, ':', 1) AS field, split_part(problem, ':', 2) AS reason
FROM checked WHERE problem IS NOT NULL ORDER BY line

-- name: said
-- Good rows with what they say about who it is; place: the line.
SELECT line AS place, user_id, email, phone, card, anonymous_id, line AS met_at FROM checked WHERE problem IS NULL

-- name: refuse
-- Rows whose identifiers are none: the first that has a value is to blame.
UPDATE checked SET problem = CASE WHEN user_id IS NOT NULL THEN 'user_id' WHEN email IS NOT NULL THEN 'email' WHEN phone IS NOT NULL THEN 'phone'
    WHEN card IS NOT NULL THEN 'card' ELSE 'anonymous_id' END || ':no_identifier'
WHERE line IN (SELECT line FROM refused)

-- name: spread
SELECT (key >> 54)::INTEGER AS slice, count(*) AS rows FROM checked WHERE problem IS NULL GROUP BY 1

-- name: spread_of_file
SELECT (key >> 54)::INTEGER AS slice, count(*) AS rows FROM read_parquet(${path}) GROUP BY 1

-- name: keep
COPY (SELECT * EXCLUDE (problem) FROM checked WHERE problem IS NULL ORDER BY key, line)
TO ${path} (FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE 20480)

-- name: forget_read
DROP TABLE IF EXISTS checked

-- name: join
-- Each row with the columns of another file; a row without a partner keeps nulls.
SELECT raw.*, ${columns} FROM raw LEFT JOIN partner_${number} p ON trim(raw.${on}) = trim(p.${on})

-- name: partner
CREATE OR REPLACE TABLE partner_${number} AS SELECT * FROM raw

-- name: partner_more
INSERT INTO partner_${number} SELECT * FROM raw

-- name: partner_doubles
SELECT count(*) - count(DISTINCT trim(${on})) FROM partner_${number} WHERE nullif(trim(${on}), '') IS NOT NULL

-- What the rows of each kind become. `derived` sees the fields, `problems` the derived, `typed` both.

-- name: derived_order_lines
try_cast(coalesce(quantity, 1) AS DECIMAL(18, 3)) AS pieces,
minor(coalesce(amount,
  try_cast(unit_price AS DECIMAL(20, 8)) * try_cast(coalesce(quantity, 1) AS DECIMAL(18, 3)) - ${discount_amount}), currency) AS line_minor,
coalesce(${is_return}, false) AS gives_back

-- name: discount_money
coalesce(try_cast(discount AS DECIMAL(20, 8)), 0)

-- name: discount_percent
coalesce(try_cast(try_cast(unit_price AS DECIMAL(20, 8)) * try_cast(coalesce(quantity, 1) AS DECIMAL(18, 3)) AS DECIMAL(24, 6))
  * try_cast(discount AS DECIMAL(10, 4)) * 0.01, 0)

-- name: problems_order_lines
WHEN pieces IS NULL THEN 'quantity:too_large' WHEN line_minor IS NULL THEN 'amount:too_large'

-- name: typed_order_lines
key_of(${source} || chr(31) || order_id) AS key, order_id, line_no, ordered_at, user_id, email, phone, card, anonymous_id,
product_id, description, CASE WHEN gives_back AND ${flip} THEN -abs(pieces) ELSE pieces END AS quantity, plain(unit_price) AS unit_price,
CASE WHEN gives_back AND ${flip} THEN -abs(line_minor) ELSE line_minor END AS amount_minor,
minor(shipping, currency) AS shipping_minor, minor(tax, currency) AS tax_minor, minor(${discount_kept}, currency) AS discount_minor,
currency, channel, campaign, country, coupon, payment, address, note, lower(status) IN (${cancelled}) AS is_cancelled, promised_at, shipped_at, delivered_at,
gives_back AS is_return, product_class(product_id) AS class, return_of, reason, ${hash} AS content_hash

-- name: derived_orders
minor(amount, currency) AS order_minor

-- name: problems_orders
WHEN amount IS NOT NULL AND order_minor IS NULL THEN 'amount:too_large'

-- name: typed_orders
key_of(${source} || chr(31) || order_id) AS key, order_id, ordered_at, user_id, email, phone, card, anonymous_id,
order_minor AS amount_minor, minor(shipping, currency) AS shipping_minor, minor(tax, currency) AS tax_minor,
minor(discount, currency) AS discount_minor, currency, channel, campaign, country, coupon, payment, address, note,
lower(status) IN (${cancelled}) AS is_cancelled, promised_at, shipped_at, delivered_at, coalesce(${is_return}, false) AS is_return, ${hash} AS content_hash

-- name: derived_products
try_cast(stock AS DECIMAL(18, 3)) AS pieces

-- name: typed_products
key_of(${source} || chr(31) || product_id) AS key, product_id, name, category, plain(price) AS price, plain(cost) AS cost, currency,
CASE WHEN tax_rate > 1 THEN tax_rate / 100 ELSE tax_rate END::DOUBLE AS tax_rate, pieces AS stock, url, picture, valid_from_at, ${hash} AS content_hash

-- name: derived_spend
minor(coalesce(amount, 0), currency) AS spent_minor

-- name: problems_spend
WHEN spent_minor IS NULL THEN 'amount:too_large' WHEN phase NOT IN ('attract', 'interact', 'delight') THEN 'phase:unknown_phase'

-- name: typed_spend
key_of(concat_ws(chr(31), ${source}, spent_on, coalesce(channel, ''), coalesce(campaign, ''), phase)) AS key,
spent_on, channel, campaign, phase, spent_minor AS amount_minor, currency, hours::DOUBLE AS hours, ${hash} AS content_hash

-- name: derived_events
minor(amount, currency) AS event_minor, try_cast(json_extract_string(extra, '$.score') AS DOUBLE) AS nps_score

-- name: problems_events
WHEN amount IS NOT NULL AND event_minor IS NULL THEN 'amount:too_large'
WHEN lower(replace(name, ' ', '_')) = 'nps_answered' AND NOT coalesce(nps_score BETWEEN 0 AND 10 AND nps_score = floor(nps_score), true) THEN 'score:not_on_scale'

-- name: typed_events
${hash} AS key, event_id, name, happened_at, user_id, email, phone, card, anonymous_id, order_id,
key_of(${source} || chr(31) || order_id) AS order_key, product_id, event_minor AS amount_minor,
CASE WHEN amount IS NULL THEN NULL ELSE currency END AS currency, channel, campaign, extra

-- name: derived_customers
1 AS one

-- name: typed_customers
key_of(concat_ws(chr(31), ${source}, coalesce(user_id, email, phone, card, anonymous_id))) AS key,
user_id, email, phone, card, anonymous_id, created_at, ${traits} AS traits

-- name: trait_pair
CASE WHEN ${field} IS NOT NULL THEN ${name} || ':' || to_json(${field})::VARCHAR END

-- name: sum_order_lines
SELECT count(DISTINCT key) FILTER (WHERE NOT is_return) AS orders, count(*) AS lines, count(DISTINCT key) FILTER (WHERE is_return) AS returns,
  count(DISTINCT key) FILTER (WHERE coalesce(user_id, email, phone, card, anonymous_id) IS NULL) AS guests,
  min(ordered_at) AS first_at, max(ordered_at) AS last_at,
  coalesce(sum(amount_minor) FILTER (WHERE NOT is_return AND class IN ('product', 'extra')), 0)::BIGINT AS amount_minor, max(currency) AS currency
FROM read_parquet(${files})

-- name: sum_orders
SELECT count(*) AS orders, NULL AS lines, count(*) FILTER (WHERE is_cancelled) AS cancelled,
  count(*) FILTER (WHERE coalesce(user_id, email, phone, card, anonymous_id) IS NULL) AS guests,
  min(ordered_at) AS first_at, max(ordered_at) AS last_at, sum(amount_minor) FILTER (WHERE NOT coalesce(is_cancelled, false))::BIGINT AS amount_minor, max(currency) AS currency
FROM read_parquet(${files})

-- name: sum_events
SELECT count(*) AS events, count(*) FILTER (WHERE coalesce(user_id, email, phone, card, anonymous_id) IS NULL) AS guests,
  min(happened_at) AS first_at, max(happened_at) AS last_at
FROM read_parquet(${files})

-- name: sum_customers
SELECT count(*) AS rows FROM read_parquet(${files})

-- name: sum_products
SELECT count(DISTINCT key) AS products FROM read_parquet(${files})

-- name: sum_spend
SELECT count(*) AS rows, sum(amount_minor)::BIGINT AS amount_minor, max(currency) AS currency FROM read_parquet(${files})

-- name: sum_people
-- Each identifier once, the strongest that a row has.
SELECT DISTINCT CASE WHEN user_id IS NOT NULL THEN 'user_id' WHEN email IS NOT NULL THEN 'email' WHEN phone IS NOT NULL THEN 'phone'
    WHEN card IS NOT NULL THEN 'card' ELSE 'anonymous_id' END AS kind, coalesce(user_id, email, phone, card, anonymous_id) AS value
FROM read_parquet(${files}) WHERE coalesce(user_id, email, phone, card, anonymous_id) IS NOT NULL
