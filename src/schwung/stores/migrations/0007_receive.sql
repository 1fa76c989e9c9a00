-- What receiving needs beside 0001: consent by category, recent ids at start, refused events once.

-- JSON list: all must be granted where the source requires consent; empty: every category that the event names.
ALTER TABLE source ADD COLUMN consent_categories TEXT NOT NULL DEFAULT '[]';

-- 8 bytes of hash for each event of the chunk, in order: what a server remembers of recent ids when it starts.
ALTER TABLE chunk ADD COLUMN id_hashes ${blob};

-- Events refused at the door have a key as in seen; those that the mirror refused have a number.
ALTER TABLE quarantine ADD COLUMN seen_key ${blob};
CREATE UNIQUE INDEX quarantine_key ON quarantine (seen_key) WHERE seen_key IS NOT NULL;
CREATE UNIQUE INDEX quarantine_event ON quarantine (event_no) WHERE event_no IS NOT NULL;
