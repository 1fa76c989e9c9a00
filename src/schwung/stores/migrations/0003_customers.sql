-- The customers as the console lists and finds them: derived from lake and identifiers, rebuilt at any time.

-- kind_changes_at: instant after which time alone makes another kind of it; 4611686018427387904 = never.
-- words: ' word word ', case-folded, of name, e-mail and numbers; the same words stand in customer_search.
-- batch_no: published state from which the row was computed. 0 in sort columns: never.
CREATE TABLE customer_list (
  customer_id ${id},
  full_name TEXT,
  name_key TEXT ${collate_c} NOT NULL,
  email TEXT,
  user_id TEXT,
  country TEXT,
  kind TEXT NOT NULL,
  kind_changes_at BIGINT NOT NULL,
  first_seen_at BIGINT NOT NULL,
  first_order_at BIGINT NOT NULL,
  last_order_at BIGINT NOT NULL,
  order_count BIGINT NOT NULL,
  revenue_minor BIGINT NOT NULL,
  words TEXT NOT NULL,
  batch_no BIGINT NOT NULL
);
CREATE INDEX customer_list_last_order ON customer_list (last_order_at, customer_id);
CREATE INDEX customer_list_revenue ON customer_list (revenue_minor, customer_id);
CREATE INDEX customer_list_name ON customer_list (name_key, customer_id);
CREATE INDEX customer_list_kind_last_order ON customer_list (kind, last_order_at, customer_id);
CREATE INDEX customer_list_kind_revenue ON customer_list (kind, revenue_minor, customer_id);
CREATE INDEX customer_list_kind_name ON customer_list (kind, name_key, customer_id);
CREATE INDEX customer_list_due ON customer_list (kind_changes_at);

CREATE TABLE customer_search (
  word TEXT ${collate_c} NOT NULL,
  customer_id BIGINT NOT NULL,
  PRIMARY KEY (word, customer_id)
) ${without_rowid};

-- customer_list: the batch up to which the list was refreshed.
INSERT INTO counter (name, value) VALUES ('customer_list', 0);
