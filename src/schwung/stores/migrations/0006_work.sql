-- Who works: leases that one process holds at a time, and the processes that live.

-- holder: null while it is free. token: grows with every change of hands and fences off the former holder.
-- beats: grows while the holder lives. wanted_by: who waits, so that a busy holder lets it in.
CREATE TABLE lease (
  name TEXT PRIMARY KEY,
  holder TEXT,
  purpose TEXT,
  place TEXT,
  pid BIGINT,
  token BIGINT NOT NULL,
  beats BIGINT NOT NULL,
  wanted_by TEXT,
  taken_at BIGINT
) ${without_rowid};

-- status: JSON of numbers and codes (lag, last batch, error code); nothing about a person.
CREATE TABLE process (
  process_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  place TEXT NOT NULL,
  pid BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  beat_at BIGINT NOT NULL,
  status TEXT NOT NULL
) ${without_rowid};

-- When a kind of nightly work was last done.
CREATE TABLE chore (name TEXT PRIMARY KEY, done_at BIGINT NOT NULL) ${without_rowid};
