-- Saved lists of customers, and funnels that were saved under a name.

-- origin: filter, funnel, import. basis: JSON, from what it was made. size: customers when it was made, less those erased.
CREATE TABLE saved_list (
  list_no ${auto_id},
  name TEXT NOT NULL,
  note TEXT NOT NULL,
  origin TEXT NOT NULL,
  basis TEXT NOT NULL,
  size BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);

-- A customer is in the list by every identifier that it had then: after a separation both sides are.
CREATE TABLE membership (
  list_no BIGINT NOT NULL,
  identifier_id BIGINT NOT NULL,
  joined_at BIGINT NOT NULL,
  PRIMARY KEY (list_no, identifier_id)
) ${without_rowid};
CREATE INDEX membership_identifier ON membership (identifier_id);

-- definition: JSON, as `schwung funnel` reads it.
CREATE TABLE saved_funnel (
  funnel_no ${auto_id},
  name TEXT NOT NULL,
  definition TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  deleted_at BIGINT
);
