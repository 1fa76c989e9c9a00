-- An experiment says which groups there are and by which lots people fall into them; its exposures, who met it when, in which.

-- kind: own, journey (its holdout), split (a step of a journey), global. subject: what it belongs to (journey, step, quarter).
-- goal: a step as JSON, NULL: an order. ended_at: nobody enters any more.
CREATE TABLE experiment (
  experiment_no ${auto_id},
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  note TEXT NOT NULL,
  salt TEXT NOT NULL,
  goal TEXT,
  window_days BIGINT NOT NULL,
  before_days BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE INDEX experiment_subject ON experiment (kind, subject);

-- nth 0 is the control. below: lots (8 hex digits) below it, and not below that of the group before, fall into the group.
CREATE TABLE experiment_arm (
  experiment_no BIGINT NOT NULL,
  nth BIGINT NOT NULL,
  arm TEXT NOT NULL,
  share ${real} NOT NULL,
  below TEXT ${collate_c} NOT NULL,
  PRIMARY KEY (experiment_no, nth)
) ${without_rowid};

-- The group of a person at the first meeting, by the identifier that the customer was known by then: a merge or separation
-- rewrites nothing.
CREATE TABLE exposure (
  experiment_no BIGINT NOT NULL,
  identifier_id BIGINT NOT NULL,
  arm TEXT NOT NULL,
  exposed_at BIGINT NOT NULL,
  PRIMARY KEY (experiment_no, identifier_id)
) ${without_rowid};
CREATE INDEX exposure_identifier ON exposure (identifier_id);
