-- Who entered and left is written to the lake behind the segments' back.

-- Since when who left had been in: the lake's row says both.
ALTER TABLE segment_change ADD COLUMN joined_at BIGINT;

-- segments_told: the change up to which the lake knows.
INSERT INTO counter (name, value) SELECT 'segments_told', coalesce(max(change_no), 0) FROM segment_change;
