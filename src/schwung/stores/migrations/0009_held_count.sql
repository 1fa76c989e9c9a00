-- How many events of a batch went to quarantine instead of the lake, so that both can be counted against each other.
ALTER TABLE batch ADD COLUMN held_count BIGINT NOT NULL DEFAULT 0;
