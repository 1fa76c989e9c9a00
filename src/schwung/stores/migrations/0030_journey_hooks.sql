-- Addresses by which a webhook without a key lets customers into a journey.

-- secret: hex; the address and the secret of signatures are made from it. is_signed: what is not signed is refused.
CREATE TABLE journey_hook (
  journey_no BIGINT PRIMARY KEY,
  secret TEXT NOT NULL,
  is_signed SMALLINT NOT NULL,
  made_at BIGINT NOT NULL
);
