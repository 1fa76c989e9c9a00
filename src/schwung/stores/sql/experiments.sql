-- name: all
SELECT experiment_no, name, kind, subject, note, salt, goal, window_days, before_days, created_by, created_at, ended_at
FROM experiment ORDER BY experiment_no DESC

-- name: by_name
SELECT experiment_no, name, kind, subject, note, salt, goal, window_days, before_days, created_by, created_at, ended_at
FROM experiment WHERE name = :name

-- name: open
-- That which still takes people of one kind and subject.
SELECT experiment_no, name, kind, subject, note, salt, goal, window_days, before_days, created_by, created_at, ended_at
FROM experiment WHERE kind = :kind AND subject = :subject AND ended_at IS NULL ORDER BY experiment_no DESC LIMIT 1

-- name: open_of_kind
SELECT experiment_no FROM experiment WHERE kind = :kind AND ended_at IS NULL ORDER BY experiment_no

-- name: of_subject
SELECT count(*) FROM experiment WHERE kind = :kind AND subject = :subject

-- name: arms_of
SELECT experiment_no, nth, arm, share FROM experiment_arm WHERE experiment_no IN integers(:numbers) ORDER BY experiment_no, nth

-- name: add
INSERT INTO experiment (name, kind, subject, note, salt, goal, window_days, before_days, created_by, created_at)
VALUES (:name, :kind, :subject, :note, :salt, :goal, :window_days, :before_days, :created_by, :now)
RETURNING experiment_no

-- name: change
UPDATE experiment SET note = :note, goal = :goal, window_days = :window_days, before_days = :before_days
WHERE experiment_no = :experiment_no

-- name: drop_arms
DELETE FROM experiment_arm WHERE experiment_no = :experiment_no

-- name: add_arm
INSERT INTO experiment_arm (experiment_no, nth, arm, share, below) VALUES (:experiment_no, :nth, :arm, :share, :below)

-- name: end
UPDATE experiment SET ended_at = :now WHERE experiment_no = :experiment_no AND ended_at IS NULL

-- name: expose
-- Customers who meet an experiment: whoever has no group yet, by none of the identifiers, gets that of the lot. Who is in the
-- control of the experiment `held_no` (0: none) stays out. Sums with 0: only the person leads to records.
INSERT INTO exposure (experiment_no, identifier_id, arm, exposed_at)
SELECT :experiment_no, c.customer_id, a.arm, :now
FROM (
    SELECT DISTINCT i.customer_id, substr(md5(i.customer_id || ':' || x.salt), 1, 8) AS lot
    FROM experiment x JOIN identifier i ON i.customer_id IN integers(:customer_ids) AND i.kind <> 'erased'
    WHERE x.experiment_no = :experiment_no AND x.ended_at IS NULL
  ) c
  JOIN (
    SELECT arm, below, lag(below, 1, '') OVER (ORDER BY nth) AS above FROM experiment_arm WHERE experiment_no = :experiment_no
  ) a ON c.lot >= a.above AND c.lot < a.below
WHERE NOT EXISTS (
    SELECT 1 FROM identifier i JOIN exposure e ON e.identifier_id = i.identifier_id
    WHERE i.customer_id = c.customer_id
      AND (e.experiment_no + 0 = :experiment_no OR (e.experiment_no + 0 = :held_no AND e.arm = :control)) ${fence}
  )
ON CONFLICT (experiment_no, identifier_id) DO NOTHING

-- name: arms
-- The group of each customer: of several records the first one holds.
SELECT i.customer_id, e.arm FROM identifier i CROSS JOIN exposure e
WHERE i.customer_id IN integers(:customer_ids) AND e.experiment_no = :experiment_no AND e.identifier_id = i.identifier_id
ORDER BY i.customer_id, e.exposed_at DESC, e.identifier_id DESC

-- name: import
-- A group that another system drew. Who has one already keeps it.
INSERT INTO exposure (experiment_no, identifier_id, arm, exposed_at)
SELECT :experiment_no, :customer_id, :arm, :exposed_at
WHERE NOT EXISTS (
  SELECT 1 FROM identifier i JOIN exposure e ON e.identifier_id = i.identifier_id
  WHERE i.customer_id = :customer_id AND e.experiment_no = :experiment_no
)

-- name: exposures
SELECT identifier_id, arm, exposed_at FROM exposure WHERE experiment_no = :experiment_no

-- name: sizes
SELECT experiment_no, arm, count(*) AS people, min(exposed_at) AS first_at, max(exposed_at) AS last_at
FROM exposure WHERE experiment_no IN integers(:numbers) GROUP BY experiment_no, arm

-- name: of_identifiers
-- For the copy of a person's data.
SELECT x.name AS experiment, e.identifier_id, e.arm, e.exposed_at
FROM exposure e JOIN experiment x ON x.experiment_no = e.experiment_no
WHERE e.identifier_id IN integers(:identifier_ids) ORDER BY e.exposed_at, x.experiment_no
