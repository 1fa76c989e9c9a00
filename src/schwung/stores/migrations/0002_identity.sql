-- Who is who: identifiers, the links between them, traits, consent, what was erased, who looked.

-- customer_id: the smallest identifier_id of its group. retired_at: the value changed hands; its next arrival is a new row.
CREATE TABLE identifier (
  identifier_id ${id},
  kind TEXT NOT NULL,
  value TEXT ${collate_c} NOT NULL,
  customer_id BIGINT NOT NULL,
  source TEXT NOT NULL,
  first_seen_at BIGINT NOT NULL,
  batch_no BIGINT NOT NULL,
  retired_at BIGINT
);
CREATE UNIQUE INDEX identifier_value ON identifier (value, kind) WHERE retired_at IS NULL;
CREATE INDEX identifier_customer ON identifier (customer_id);
CREATE INDEX identifier_batch ON identifier (batch_no);

-- One row per pair, for ever. state: open, refused (why says by which rule), severed (by a person).
CREATE TABLE link (
  low_id BIGINT NOT NULL,
  high_id BIGINT NOT NULL,
  state TEXT NOT NULL,
  why TEXT,
  source TEXT NOT NULL,
  linked_at BIGINT NOT NULL,
  batch_no BIGINT NOT NULL,
  PRIMARY KEY (low_id, high_id)
) ${without_rowid};
CREATE INDEX link_high ON link (high_id, low_id);

-- "These two are not one": an operator's word.
CREATE TABLE kept_apart (
  low_id BIGINT NOT NULL,
  high_id BIGINT NOT NULL,
  decided_at BIGINT NOT NULL,
  PRIMARY KEY (low_id, high_id)
) ${without_rowid};
CREATE INDEX kept_apart_high ON kept_apart (high_id);

-- What is no identifier in this workspace, beside the words that never are.
CREATE TABLE blocked_value (
  kind TEXT NOT NULL,
  value TEXT ${collate_c} NOT NULL,
  blocked_at BIGINT NOT NULL,
  PRIMARY KEY (kind, value)
) ${without_rowid};

-- Every change of an identifier's customer after its first batch. cause: link, hand, unmerge, erasure.
CREATE TABLE move (
  move_no ${auto_id},
  identifier_id BIGINT NOT NULL,
  from_customer_id BIGINT NOT NULL,
  to_customer_id BIGINT NOT NULL,
  cause TEXT NOT NULL,
  batch_no BIGINT NOT NULL,
  moved_at BIGINT NOT NULL
);
CREATE INDEX move_identifier ON move (identifier_id);
CREATE INDEX move_batch ON move (batch_no);
CREATE INDEX move_to ON move (to_customer_id);

-- Customers whose profile a batch changed; struck once that batch is published.
CREATE TABLE touched (
  batch_no BIGINT NOT NULL,
  customer_id BIGINT NOT NULL,
  PRIMARY KEY (batch_no, customer_id)
) ${without_rowid};

-- The latest observation of each trait per identifier and source. value: JSON; null takes the trait back.
CREATE TABLE trait (
  identifier_id BIGINT NOT NULL,
  name TEXT ${collate_c} NOT NULL,
  source TEXT ${collate_c} NOT NULL,
  value TEXT NOT NULL,
  observed_at BIGINT NOT NULL,
  PRIMARY KEY (identifier_id, name, source)
) ${without_rowid};

-- Traits that were left out, without their values. reason: wrong_type, too_long, too_many.
CREATE TABLE trait_problem (
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  reason TEXT NOT NULL,
  seen_count BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (name, source, reason)
) ${without_rowid};

-- state: granted, refused, withdrawn. proof: JSON or text that shows how consent was given.
CREATE TABLE consent (
  consent_no ${auto_id},
  identifier_id BIGINT NOT NULL,
  purpose TEXT NOT NULL,
  channel TEXT NOT NULL,
  state TEXT NOT NULL,
  legal_basis TEXT NOT NULL,
  source TEXT NOT NULL,
  proof TEXT,
  given_at BIGINT NOT NULL,
  expires_at BIGINT,
  recorded_at BIGINT NOT NULL
);
CREATE INDEX consent_identifier ON consent (identifier_id);

-- A person's wish, per topic. topic 'objection': Art. 21 GDPR, against all of it.
CREATE TABLE opt_out (
  opt_out_no ${auto_id},
  identifier_id BIGINT NOT NULL,
  topic TEXT NOT NULL,
  channel TEXT NOT NULL,
  source TEXT NOT NULL,
  opted_out_at BIGINT NOT NULL,
  lifted_at BIGINT
);
CREATE INDEX opt_out_identifier ON opt_out (identifier_id);

-- Addresses that must not be written to. reason: bounced, complained, by_hand.
CREATE TABLE suppression (
  suppression_no ${auto_id},
  identifier_id BIGINT NOT NULL,
  channel TEXT NOT NULL,
  reason TEXT NOT NULL,
  source TEXT NOT NULL,
  suppressed_at BIGINT NOT NULL,
  lifted_at BIGINT
);
CREATE INDEX suppression_identifier ON suppression (identifier_id);

-- mark: keyed hash of an erased identifier, so that it is known again without being kept.
CREATE TABLE tombstone (mark TEXT PRIMARY KEY, erased_at BIGINT NOT NULL) ${without_rowid};

-- The queue of erasures. plan: JSON of numbers (identifiers, customers, fresh identifiers). state: open, struck (bytes remain), done.
CREATE TABLE erasure (
  erasure_no ${id},  -- its batch
  state TEXT NOT NULL,
  plan TEXT NOT NULL,
  report TEXT,
  requested_at BIGINT NOT NULL,
  done_at BIGINT
);
CREATE INDEX erasure_unfinished ON erasure (erasure_no) WHERE state <> 'done';

-- Who did or saw what. details: JSON without anything about the person.
CREATE TABLE audit (
  audit_no ${auto_id},
  happened_at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  act TEXT NOT NULL,
  customer_id BIGINT,
  details TEXT NOT NULL
);
CREATE INDEX audit_customer ON audit (customer_id, audit_no);

-- known: grows whenever what a process remembers of identifiers may no longer be true.
INSERT INTO counter (name, value) VALUES ('identifier', 0), ('known', 0);
