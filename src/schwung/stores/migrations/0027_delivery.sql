-- How messages leave: who claimed them, what the provider said, what became of them, what is stopped, how fast a channel may go.

ALTER TABLE message ADD COLUMN claim_token BIGINT;
-- Before this is set, the channel was certainly not asked.
ALTER TABLE message ADD COLUMN called_at BIGINT;
-- The provider's own words about the last attempt; without the address.
ALTER TABLE message ADD COLUMN answer TEXT;
ALTER TABLE message ADD COLUMN link_count BIGINT NOT NULL DEFAULT 0;
CREATE INDEX message_queue ON message (state, channel, is_advertising, due_at);
CREATE INDEX message_claim ON message (claim_token) WHERE state = 'claimed';
CREATE INDEX message_closed ON message (state, closed_at);
CREATE INDEX message_provider ON message (provider_id);
DROP INDEX message_due;

-- What became of a message after it was sent: delivered, opened, clicked, bounced, complained, unsubscribed; once each.
CREATE TABLE message_fate (
  message_no BIGINT NOT NULL,
  state TEXT NOT NULL,
  happened_at BIGINT NOT NULL,
  note TEXT,
  PRIMARY KEY (message_no, state)
) ${without_rowid};

-- Openings and clicks as they came in, until it is clear whether a person or a machine made them. link_no 0: the picture.
CREATE TABLE message_touch (
  touch_no ${auto_id},
  message_no BIGINT NOT NULL,
  link_no BIGINT NOT NULL,
  url TEXT,
  agent TEXT NOT NULL,
  touched_at BIGINT NOT NULL
);
CREATE INDEX message_touch_message ON message_touch (message_no);
CREATE INDEX message_touch_time ON message_touch (touched_at);

-- Stop switches. scope: 'all', 'channel:email', 'journey:7'.
CREATE TABLE stop_switch (scope TEXT PRIMARY KEY, stopped_by TEXT NOT NULL, stopped_at BIGINT NOT NULL) ${without_rowid};

-- When a channel is free for its next message.
CREATE TABLE channel_pace (channel TEXT PRIMARY KEY, free_at BIGINT NOT NULL) ${without_rowid};

-- Messages by channel and local day; what a new domain may send follows from it.
CREATE TABLE channel_day (
  channel TEXT NOT NULL,
  day TEXT NOT NULL,
  sent BIGINT NOT NULL DEFAULT 0,
  bounced BIGINT NOT NULL DEFAULT 0,
  complained BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (channel, day)
) ${without_rowid};

INSERT INTO counter (name, value) VALUES ('claim', 0);
