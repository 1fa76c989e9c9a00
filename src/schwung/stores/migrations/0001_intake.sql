-- Where events come from, how they are received, and how far the lake has them.

CREATE TABLE source (
  source_id ${auto_id},
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  requires_consent INTEGER NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT
);

-- The secret itself is never kept. scopes: JSON list. source_id: whose events a write key brings.
CREATE TABLE api_key (
  key_id ${auto_id},
  secret_hash ${blob} NOT NULL UNIQUE,
  prefix TEXT NOT NULL,
  scopes TEXT NOT NULL,
  label TEXT,
  source_id BIGINT REFERENCES source (source_id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  last_used_at BIGINT
);

-- 6 bytes own milliseconds, 8 bytes hash of the message id.
CREATE TABLE seen (key ${blob} PRIMARY KEY) ${without_rowid};

-- body: zlib of msgpack of list[Event]; its events are numbered from first_event_no on.
CREATE TABLE chunk (
  chunk_no ${auto_id},
  first_event_no BIGINT NOT NULL,
  event_count BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  body ${blob} NOT NULL,
  batch_no BIGINT
);
CREATE UNIQUE INDEX chunk_first_event ON chunk (first_event_no);
CREATE INDEX chunk_waiting ON chunk (chunk_no) WHERE batch_no IS NULL;
CREATE INDEX chunk_batch ON chunk (batch_no) WHERE batch_no IS NOT NULL;

-- value: the last number that was given.
CREATE TABLE counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO counter (name, value) VALUES ('event', 0), ('batch', 0);

-- Fixed before the first append to the lake. state: open, done. staging: folder below files/staging, imports only.
CREATE TABLE batch (
  batch_no ${id},
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  done_at BIGINT,
  event_count BIGINT NOT NULL DEFAULT 0,
  staging TEXT
);
CREATE INDEX batch_open ON batch (batch_no) WHERE state = 'open';

-- tables: JSON, table to version. Readers open all tables at the newest snapshot.
CREATE TABLE snapshot (
  batch_no ${id},
  published_at BIGINT NOT NULL,
  tables TEXT NOT NULL,
  last_fact_at BIGINT
);

-- Events that did not fit. body: the event as it came, JSON. state: held, replayed, dropped.
CREATE TABLE quarantine (
  quarantine_no ${auto_id},
  source TEXT NOT NULL,
  message_id TEXT,
  name TEXT,
  reason TEXT NOT NULL,
  detail TEXT,
  body ${blob} NOT NULL,
  received_at BIGINT NOT NULL,
  event_no BIGINT,
  batch_no BIGINT,
  identifier_id BIGINT,
  state TEXT NOT NULL DEFAULT 'held',
  settled_at BIGINT
);
CREATE INDEX quarantine_state ON quarantine (state, quarantine_no);
CREATE INDEX quarantine_batch ON quarantine (batch_no) WHERE batch_no IS NOT NULL;

-- What names were seen, so that undeclared ones can be listed.
CREATE TABLE event_name (
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  is_declared INTEGER NOT NULL,
  first_seen_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  event_count BIGINT NOT NULL,
  PRIMARY KEY (name, source)
) ${without_rowid};
