-- name: open_carts
-- The carts that some tokens name, with all tokens of each.
SELECT token, cart_key, last_at, started_at, ordered_at, amount_minor, ordered_minor, currency, order_id, identifier_id
FROM open_cart
WHERE cart_key IN (SELECT cart_key FROM open_cart WHERE token IN integers(:tokens))

-- name: keep_cart
INSERT INTO open_cart (token, cart_key, last_at, started_at, ordered_at, amount_minor, ordered_minor, currency, order_id, identifier_id, touched_at)
VALUES (:token, :cart_key, :last_at, :started_at, :ordered_at, :amount_minor, :ordered_minor, :currency, :order_id, :identifier_id, :now)
ON CONFLICT (token) DO UPDATE SET cart_key = excluded.cart_key, last_at = excluded.last_at, started_at = excluded.started_at,
  ordered_at = excluded.ordered_at, amount_minor = excluded.amount_minor, ordered_minor = excluded.ordered_minor,
  currency = excluded.currency, order_id = excluded.order_id, identifier_id = excluded.identifier_id, touched_at = excluded.touched_at

-- name: forget_carts
DELETE FROM open_cart WHERE touched_at < :before

-- name: backfill
SELECT through_batch, next_event_no FROM backfill

-- name: advance
UPDATE backfill SET next_event_no = :next_event_no

-- name: filled
DELETE FROM backfill

-- name: begin_backfill
-- All events so far are to be filled in again.
INSERT INTO backfill (through_batch, next_event_no) SELECT value, 1 FROM counter WHERE name = 'batch'
