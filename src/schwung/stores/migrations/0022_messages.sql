-- A message is a row: planned in the commit that decided it, claimed before its channel is asked, closed after. Its state is
-- the queue: planned, held, claimed; sent, failed, unknown; blocked, lapsed, cancelled.
CREATE TABLE message (
  message_no ${auto_id},
  message_key TEXT NOT NULL UNIQUE,
  customer_id BIGINT NOT NULL,
  channel TEXT NOT NULL,
  purpose TEXT NOT NULL,
  is_advertising SMALLINT NOT NULL,
  template TEXT NOT NULL,
  variables TEXT NOT NULL,
  journey_no BIGINT,
  enrollment_no BIGINT,
  step_id TEXT,
  campaign TEXT,
  state TEXT NOT NULL,
  reason TEXT,
  identifier_id BIGINT,
  planned_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  lapses_at BIGINT,
  claimed_by TEXT,
  claimed_at BIGINT,
  attempts BIGINT NOT NULL DEFAULT 0,
  provider_id TEXT,
  closed_at BIGINT
);
CREATE INDEX message_due ON message (state, due_at);
CREATE INDEX message_customer ON message (customer_id, planned_at);
CREATE INDEX message_enrollment ON message (enrollment_no);
