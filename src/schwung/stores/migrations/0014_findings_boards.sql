-- What the user set about findings; boards with tiles and targets, alerts and what they raised, annotations on dates.

CREATE TABLE finding_rule (
  rule_name TEXT NOT NULL PRIMARY KEY,
  is_on INTEGER NOT NULL,
  threshold DOUBLE PRECISION NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);

CREATE TABLE board (
  board_no ${auto_id},
  name TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);

-- direction: at_least, at_most; null with target: none set. due_on: ISO day. owner_id: the operator who answers for it.
CREATE TABLE board_tile (
  tile_no ${auto_id},
  board_no BIGINT NOT NULL,
  metric TEXT NOT NULL,
  days INTEGER NOT NULL,
  target DOUBLE PRECISION,
  direction TEXT,
  due_on TEXT,
  owner_id BIGINT
);
CREATE INDEX board_tile_of ON board_tile (board_no);

-- direction: above, below. is_raised: the condition held when it was last checked.
CREATE TABLE alert (
  alert_no ${auto_id},
  metric TEXT NOT NULL,
  days INTEGER NOT NULL,
  direction TEXT NOT NULL,
  bound DOUBLE PRECISION NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  checked_at BIGINT,
  value DOUBLE PRECISION,
  is_raised INTEGER NOT NULL,
  raised_at BIGINT,
  deleted_at BIGINT
);

CREATE TABLE annotation (
  annotation_no ${auto_id},
  noted_on TEXT NOT NULL,
  text_en TEXT NOT NULL,
  text_de TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);
