-- Carts that may still go on, and how far the facts of the relationship reach back.

-- One row for each token by which an event can name a cart: its device, or the cart's number. token: key of the source's.
CREATE TABLE open_cart (
  token BIGINT PRIMARY KEY,
  cart_key BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  started_at BIGINT,
  ordered_at BIGINT,
  amount_minor BIGINT NOT NULL,
  ordered_minor BIGINT,
  currency TEXT,
  order_id TEXT,
  identifier_id BIGINT,
  touched_at BIGINT NOT NULL
) ${without_rowid};
CREATE INDEX open_cart_key ON open_cart (cart_key);

-- Events of batches up to through_batch came before there were such facts; those below next_event_no are done.
CREATE TABLE backfill (through_batch BIGINT NOT NULL, next_event_no BIGINT NOT NULL);
INSERT INTO backfill (through_batch, next_event_no) SELECT value, 1 FROM counter WHERE name = 'batch' AND value > 0;
