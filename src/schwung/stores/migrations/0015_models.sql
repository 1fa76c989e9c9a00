-- Models: every version that was asked for, how far it is, and what fitting gave.

-- state: asked, running, done, failed. step: what is done at present (read, fit, predict, write). asked: JSON, how it was
-- asked (since, until, time_unit, horizon_days). result, checks, model_state: JSON, what fitting gave; model_state of the
-- newest version only. error: JSON with code, message, step. batch_no: a done version holds from this batch on.
-- has_rows: its predictions lie in the lake, or will when its batch is finished.
CREATE TABLE model_version (
  version ${auto_id},
  model TEXT NOT NULL,
  state TEXT NOT NULL,
  step TEXT,
  asked TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  started_at BIGINT,
  trained_at BIGINT,
  as_of BIGINT,
  customers BIGINT,
  result TEXT,
  checks TEXT,
  model_state TEXT,
  error TEXT,
  batch_no BIGINT,
  has_rows INTEGER NOT NULL
);
CREATE INDEX model_version_of ON model_version (model, version);
