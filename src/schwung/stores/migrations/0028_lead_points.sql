-- Rules by which leads have points: every version that was saved; the newest holds.

-- definition: JSON, as a definition file of kind score says it.
CREATE TABLE lead_points (
  version_no ${auto_id},
  definition TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
