-- name: rules
SELECT rule_name, is_on, threshold, changed_by, changed_at FROM finding_rule ORDER BY rule_name

-- name: set_rule
INSERT INTO finding_rule (rule_name, is_on, threshold, changed_by, changed_at)
VALUES (:rule_name, :is_on, :threshold, :changed_by, :now)
ON CONFLICT (rule_name) DO UPDATE SET is_on = excluded.is_on, threshold = excluded.threshold,
  changed_by = excluded.changed_by, changed_at = excluded.changed_at
