-- A journey. state: draft, live, paused (nobody enters or moves, goals and exits still act), stopped. next_at: of a schedule.
CREATE TABLE journey (
  journey_no ${auto_id},
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  version_no BIGINT NOT NULL,
  started_at BIGINT,
  next_at BIGINT,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE UNIQUE INDEX journey_name ON journey (name) WHERE deleted_at IS NULL;

-- definition: JSON, with the ids of its steps. conditions: JSON, name of a rule → number of the hidden list that keeps it true.
CREATE TABLE journey_version (
  journey_no BIGINT NOT NULL,
  version_no BIGINT NOT NULL,
  definition TEXT NOT NULL,
  conditions TEXT NOT NULL,
  edits TEXT NOT NULL,
  saved_by TEXT NOT NULL,
  saved_at BIGINT NOT NULL,
  PRIMARY KEY (journey_no, version_no)
) ${without_rowid};

-- One customer's way through a journey. customer_id: the number at entry. state: active, done, goal, exited, stopped.
-- lot: 8 hex digits that decide arm and splits. since_at: when the step was reached, due_at: when it acts. waits_for: what would
-- end a wait before. trail: a line per step that was left: step>outcome@instant. untold: events that are
-- still to be written: 1 of entry, 2 of the end, 3 both.
CREATE TABLE enrollment (
  enrollment_no ${auto_id},
  journey_no BIGINT NOT NULL,
  version_no BIGINT NOT NULL,
  customer_id BIGINT NOT NULL,
  entry_key TEXT NOT NULL,
  state TEXT NOT NULL,
  arm TEXT NOT NULL,
  lot TEXT ${collate_c} NOT NULL,
  step_id TEXT NOT NULL,
  since_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  waits_for TEXT,
  variables TEXT NOT NULL,
  trail TEXT NOT NULL,
  entered_at BIGINT NOT NULL,
  ended_at BIGINT,
  reason TEXT,
  untold SMALLINT NOT NULL
);
CREATE UNIQUE INDEX enrollment_entry ON enrollment (customer_id, journey_no, entry_key);
CREATE INDEX enrollment_due ON enrollment (journey_no, step_id, due_at) WHERE state = 'active';
CREATE INDEX enrollment_untold ON enrollment (enrollment_no) WHERE untold > 0;

-- What a journey has heard and not yet acted on. ear: trigger, goal, exit:1 …, or the id of a step that waits.
CREATE TABLE heard (
  heard_no ${auto_id},
  journey_no BIGINT NOT NULL,
  ear TEXT NOT NULL,
  customer_id BIGINT NOT NULL,
  happened_at BIGINT NOT NULL,
  entry_key TEXT NOT NULL,
  variables TEXT NOT NULL
);
CREATE INDEX heard_ear ON heard (journey_no, ear, heard_no);
CREATE INDEX heard_customer ON heard (customer_id);

-- Who did not enter, and why; the last time of each reason.
CREATE TABLE journey_refusal (
  journey_no BIGINT NOT NULL,
  customer_id BIGINT NOT NULL,
  reason TEXT NOT NULL,
  refused_at BIGINT NOT NULL,
  times BIGINT NOT NULL,
  PRIMARY KEY (journey_no, customer_id, reason)
) ${without_rowid};
CREATE INDEX journey_refusal_customer ON journey_refusal (customer_id);

-- How many left each step by each outcome, by day (ISO, in the workspace's zone). step_id 'entry': who entered, or why not.
CREATE TABLE journey_count (
  journey_no BIGINT NOT NULL,
  step_id TEXT NOT NULL,
  outcome TEXT NOT NULL,
  arm TEXT NOT NULL,
  counted_on TEXT NOT NULL,
  customers BIGINT NOT NULL,
  PRIMARY KEY (journey_no, step_id, outcome, arm, counted_on)
) ${without_rowid};

-- What a person of the team shall do. state: open, done.
CREATE TABLE task (
  task_no ${auto_id},
  task_key TEXT NOT NULL UNIQUE,
  customer_id BIGINT NOT NULL,
  journey_no BIGINT,
  enrollment_no BIGINT,
  step_id TEXT,
  title TEXT NOT NULL,
  note TEXT NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  due_at BIGINT,
  closed_by TEXT,
  closed_at BIGINT
);
CREATE INDEX task_open ON task (state, due_at);
CREATE INDEX task_customer ON task (customer_id);

-- A call of an address outside: planned, claimed; done, failed, unknown, cancelled. save: JSON, variable → path in the answer.
CREATE TABLE webhook_call (
  call_no ${auto_id},
  call_key TEXT NOT NULL UNIQUE,
  customer_id BIGINT NOT NULL,
  journey_no BIGINT NOT NULL,
  enrollment_no BIGINT NOT NULL,
  step_id TEXT NOT NULL,
  url TEXT NOT NULL,
  content TEXT NOT NULL,
  save TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  attempts BIGINT NOT NULL,
  planned_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  lapses_at BIGINT NOT NULL,
  claimed_at BIGINT,
  closed_at BIGINT
);
CREATE INDEX webhook_call_due ON webhook_call (state, due_at);
CREATE INDEX webhook_call_customer ON webhook_call (customer_id);

-- journeys_batch: the batch up to which facts were heard. journeys_change, journeys_move: rows of segment_change and move up to
-- which.
INSERT INTO counter (name, value) VALUES ('journeys_batch', 0), ('journeys_change', 0), ('journeys_move', 0);
