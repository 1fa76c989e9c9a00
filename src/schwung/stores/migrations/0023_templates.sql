-- Templates of messages. A version never changes; `definition` is the template as JSON. Messages name a template; what is sent
-- is its newest version.
CREATE TABLE template (
  template_no ${auto_id},
  name TEXT NOT NULL UNIQUE,
  channel TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  deleted_at BIGINT
);

CREATE TABLE template_version (
  template_no BIGINT NOT NULL,
  version INTEGER NOT NULL,
  definition TEXT NOT NULL,
  saved_by TEXT NOT NULL,
  saved_at BIGINT NOT NULL,
  PRIMARY KEY (template_no, version)
) ${without_rowid};
