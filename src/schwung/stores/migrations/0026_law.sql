-- By what right a message goes out: wordings that people agreed to, double opt-ins, own customers, keys of signed links.

-- kind: consent, or notice (what buyers were told, § 7 (3) UWG). purposes: JSON list. A version is never changed.
CREATE TABLE consent_text (
  text_no ${auto_id},
  name TEXT NOT NULL,
  version BIGINT NOT NULL,
  kind TEXT NOT NULL,
  purposes TEXT NOT NULL,
  channel TEXT NOT NULL,
  en TEXT NOT NULL,
  de TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  made_by TEXT NOT NULL,
  UNIQUE (name, version)
);

-- text_no: the wording that was agreed to. confirmed_at: when the person confirmed it from their own mailbox.
ALTER TABLE consent ADD COLUMN text_no BIGINT;
ALTER TABLE consent ADD COLUMN confirmed_at BIGINT;

-- address: as typed into a form; gone 14 days later unless confirmed. settled_at: since then it is consent of an identifier.
CREATE TABLE double_opt_in (
  request_no ${id},
  address TEXT ${collate_c} NOT NULL,
  text_no BIGINT NOT NULL,
  language TEXT NOT NULL,
  source TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  message_key TEXT NOT NULL UNIQUE,
  confirmed_at BIGINT,
  settled_at BIGINT
);
CREATE INDEX double_opt_in_address ON double_opt_in (address, asked_at);
CREATE INDEX double_opt_in_waiting ON double_opt_in (request_no) WHERE settled_at IS NULL;

-- § 7 (3) UWG, per address: from which sale it came, what counts as similar goods, which notice was given and when.
CREATE TABLE own_customer (
  basis_no ${auto_id},
  identifier_id BIGINT NOT NULL,
  order_id TEXT,
  sold_at BIGINT,
  goods TEXT,
  notice_no BIGINT,
  notice_at BIGINT,
  source TEXT NOT NULL,
  recorded_at BIGINT NOT NULL
);
CREATE INDEX own_customer_identifier ON own_customer (identifier_id);

-- The newest signs; all that stand here are believed.
CREATE TABLE link_key (
  key_no ${auto_id},
  secret TEXT NOT NULL,
  made_at BIGINT NOT NULL
);

INSERT INTO counter (name, value) VALUES ('double_opt_in', 0);
