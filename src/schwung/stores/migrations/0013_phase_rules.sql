-- Rules by which a customer is in a phase of the relationship: every version that was saved; the newest holds.

-- definition: JSON, as `schwung lifecycle --rules` reads it.
CREATE TABLE phase_rules (
  version_no ${auto_id},
  definition TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
