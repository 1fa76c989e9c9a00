-- Segments are saved lists with a rule (origin 'segment'): who is in them stands in `membership`, by the customer's number.

-- Customers whose membership time alone could change, and when at the earliest. Not members only if that is soon.
CREATE TABLE segment_watch (
  list_no BIGINT NOT NULL,
  customer_id BIGINT NOT NULL,
  flip_at BIGINT NOT NULL,
  PRIMARY KEY (list_no, customer_id)
) ${without_rowid};
CREATE INDEX segment_watch_due ON segment_watch (flip_at);
CREATE INDEX segment_watch_customer ON segment_watch (customer_id);

-- Who entered (1) or left (0), in the order in which it was found: journeys read it past a cursor.
CREATE TABLE segment_change (
  change_no ${auto_id},
  list_no BIGINT NOT NULL,
  customer_id BIGINT NOT NULL,
  entered SMALLINT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE INDEX segment_change_list ON segment_change (list_no, change_no);
CREATE INDEX segment_change_customer ON segment_change (customer_id);

-- How large a segment was, by the last look of each day (ISO, in the workspace's zone).
CREATE TABLE segment_size (
  list_no BIGINT NOT NULL,
  counted_on TEXT NOT NULL,
  size BIGINT NOT NULL,
  PRIMARY KEY (list_no, counted_on)
) ${without_rowid};

-- segments: the batch up to which facts were looked at. segment_consents: the consent up to which. segment_predictions: the
-- version of the lake's predictions that was looked at.
INSERT INTO counter (name, value) VALUES ('segments', 0), ('segment_consents', 0), ('segment_predictions', 0);
