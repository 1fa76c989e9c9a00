-- name: all
SELECT j.journey_no, j.name, j.state, j.version_no, j.started_at, j.next_at, j.created_by, j.created_at,
  v.definition, v.conditions, v.saved_by, v.saved_at
FROM journey j JOIN journey_version v ON v.journey_no = j.journey_no AND v.version_no = j.version_no
WHERE j.deleted_at IS NULL ORDER BY j.journey_no

-- name: at_work
SELECT j.journey_no, j.name, j.state, j.version_no, j.started_at, j.next_at, j.created_by, j.created_at,
  v.definition, v.conditions, v.saved_by, v.saved_at
FROM journey j JOIN journey_version v ON v.journey_no = j.journey_no AND v.version_no = j.version_no
WHERE j.deleted_at IS NULL AND j.state IN ('live', 'paused') ORDER BY j.journey_no

-- name: versions
SELECT version_no, definition, edits, saved_by, saved_at FROM journey_version
WHERE journey_no = :journey_no ORDER BY version_no DESC

-- name: add
INSERT INTO journey (name, state, version_no, created_by, created_at)
VALUES (:name, 'draft', 1, :created_by, :now) RETURNING journey_no

-- name: add_version
INSERT INTO journey_version (journey_no, version_no, definition, conditions, edits, saved_by, saved_at)
VALUES (:journey_no, :version_no, :definition, :conditions, :edits, :saved_by, :now)

-- name: set_version
-- Hits only while nobody else saved meanwhile.
UPDATE journey SET version_no = :version_no WHERE journey_no = :journey_no AND version_no = :version_no - 1

-- name: set_conditions
UPDATE journey_version SET conditions = :conditions WHERE journey_no = :journey_no AND version_no = :version_no

-- name: set_state
UPDATE journey SET state = :state, started_at = CASE WHEN :state = 'live' AND state <> 'paused' THEN :now ELSE started_at END
WHERE journey_no = :journey_no

-- name: set_next
UPDATE journey SET next_at = :next_at WHERE journey_no = :journey_no

-- name: take_turn
-- Hits for one worker only: the moment of a schedule is taken, and the next one set.
UPDATE journey SET next_at = :next_at WHERE journey_no = :journey_no AND next_at = :was

-- name: remove
UPDATE journey SET deleted_at = :now, state = 'stopped' WHERE journey_no = :journey_no

-- name: due_steps
WITH s(step_id) AS texts(:steps)
SELECT s.step_id FROM s WHERE EXISTS (
  SELECT 1 FROM enrollment e
  WHERE e.journey_no = :journey_no AND e.step_id = s.step_id AND e.state = 'active' AND e.due_at <= :now)

-- name: due
-- One slice of those whose step acts now.
SELECT e.enrollment_no, e.arm, e.waits_for, e.lot FROM enrollment e
WHERE e.journey_no = :journey_no AND e.step_id = :step_id AND e.state = 'active' AND e.due_at <= :now
ORDER BY e.due_at LIMIT :most

-- name: due_by_rule
-- The same with whether each is in a list now, and how often its trail holds a mark.
SELECT e.enrollment_no, e.arm,
  CASE WHEN EXISTS (
    SELECT 1 FROM identifier i JOIN membership m ON m.identifier_id = i.customer_id
    WHERE i.identifier_id = e.customer_id AND m.list_no = :list_no) THEN 1 ELSE 0 END,
  (length(e.trail) - length(replace(e.trail, :mark, ''))) / :mark_length, e.lot
FROM enrollment e
WHERE e.journey_no = :journey_no AND e.step_id = :step_id AND e.state = 'active' AND e.due_at <= :now
ORDER BY e.due_at LIMIT :most

-- name: in_list
-- Of those ways: whose customer is in a list now.
SELECT e.enrollment_no FROM enrollment e
WHERE e.enrollment_no among(:picked) AND EXISTS (
  SELECT 1 FROM identifier i JOIN membership m ON m.identifier_id = i.customer_id
  WHERE i.identifier_id = e.customer_id AND m.list_no = :list_no ${fence})

-- name: people_of
SELECT e.enrollment_no, (SELECT i.customer_id FROM identifier i WHERE i.identifier_id = e.customer_id)
FROM enrollment e WHERE e.enrollment_no among(:picked)

-- name: days_of
-- A trait of the customers, the latest observation of each.
SELECT e.enrollment_no, (
  SELECT t.value FROM identifier i JOIN identifier o ON o.customer_id = i.customer_id
  JOIN trait t ON t.identifier_id = o.identifier_id
  WHERE i.identifier_id = e.customer_id AND t.name = :trait ORDER BY t.observed_at DESC LIMIT 1)
FROM enrollment e WHERE e.enrollment_no among(:picked)

-- name: move
-- until_at: when the next step acts; else so long (plus) after the last one acted, or after now where that is long ago. passed: 1:
-- steps between acted at once. Nothing but the number leads to the rows (hence the empty texts): by state or step each slice
-- would look at all who stand there.
UPDATE enrollment SET step_id = :next_id,
  since_at = CASE WHEN :passed = 0 OR due_at > :long_ago THEN ${least}(due_at, :now) ELSE :now END, waits_for = :waits_for,
  due_at = CASE WHEN :until_at > 0 THEN :until_at WHEN due_at > :long_ago THEN ${least}(due_at, :now) + :plus ELSE :now + :plus END,
  trail = trail || :mark
WHERE enrollment_no among(:picked) AND state || '' = 'active' AND step_id || '' = :step_id

-- name: hold
-- Stays at its step and waits there.
UPDATE enrollment SET waits_for = :waits_for, due_at = :due_at
WHERE enrollment_no among(:picked) AND state || '' = 'active' AND step_id || '' = :step_id

-- name: finish
UPDATE enrollment SET state = :state, step_id = :step_id, reason = :reason, ended_at = :now, waits_for = NULL, untold = CASE WHEN untold = 1 THEN 3 ELSE 2 END, trail = trail || :mark
WHERE enrollment_no among(:picked) AND state || '' = 'active'

-- name: end_at_steps
-- Goal, exit, stop: the trail says at which step.
UPDATE enrollment SET state = :state, reason = :reason, ended_at = :now, waits_for = NULL, untold = CASE WHEN untold = 1 THEN 3 ELSE 2 END,
  trail = trail || step_id || :mark
WHERE enrollment_no among(:picked) AND state || '' = 'active'

-- name: of_some
SELECT enrollment_no, step_id, arm FROM enrollment WHERE enrollment_no among(:picked) AND state || '' = 'active'

-- name: some_active
SELECT enrollment_no, step_id, arm FROM enrollment WHERE journey_no = :journey_no AND state = 'active' LIMIT :most

-- name: some_at
SELECT enrollment_no, step_id, arm FROM enrollment
WHERE journey_no = :journey_no AND state = 'active' AND step_id = :step_id LIMIT :most

-- name: count
INSERT INTO journey_count (journey_no, step_id, outcome, arm, counted_on, customers)
VALUES (:journey_no, :step_id, :outcome, :arm, :counted_on, :customers)
ON CONFLICT (journey_no, step_id, outcome, arm, counted_on)
DO UPDATE SET customers = journey_count.customers + excluded.customers

-- name: plan_messages
INSERT INTO message (message_key, customer_id, channel, purpose, is_advertising, template, variables, journey_no, enrollment_no,
  step_id, campaign, state, attempts, planned_at, due_at, lapses_at)
SELECT ${step_key},
  ${way_customer}, :channel, :purpose, :is_advertising, :template, e.variables, e.journey_no,
  e.enrollment_no, :step_id, CAST(:campaign AS TEXT), 'planned', 0, :now, :now, CAST(:lapses_at AS BIGINT)
FROM enrollment e WHERE e.enrollment_no among(:picked) AND e.state || '' = 'active'
ON CONFLICT (message_key) DO NOTHING

-- name: cancel_messages
UPDATE message SET state = 'cancelled', reason = :reason, closed_at = :now
WHERE enrollment_no among(:picked)
  AND (state IN ('planned', 'held') OR (state = 'claimed' AND called_at IS NULL))

-- name: add_tasks
INSERT INTO task (task_key, customer_id, journey_no, enrollment_no, step_id, title, note, owner, state, created_at, due_at)
SELECT ${step_key},
  ${way_customer}, e.journey_no, e.enrollment_no, :step_id, :title, :note, :owner, 'open', :now, CAST(:due_at AS BIGINT)
FROM enrollment e WHERE e.enrollment_no among(:picked) AND e.state || '' = 'active'
ON CONFLICT (task_key) DO NOTHING

-- name: plan_calls
INSERT INTO webhook_call (call_key, customer_id, journey_no, enrollment_no, step_id, url, content, save, state, attempts, planned_at,
  due_at, lapses_at)
SELECT ${step_key},
  ${way_customer}, e.journey_no, e.enrollment_no, :step_id, :url, :content, :save, 'planned', 0, :now,
  :now, :lapses_at
FROM enrollment e WHERE e.enrollment_no among(:picked) AND e.state || '' = 'active'
ON CONFLICT (call_key) DO NOTHING

-- name: cancel_calls
UPDATE webhook_call SET state = 'cancelled', reason = :reason, closed_at = :now
WHERE enrollment_no among(:picked) AND state = 'planned'

-- name: call_journey
-- Another journey hears of those customers.
INSERT INTO heard (journey_no, ear, customer_id, happened_at, entry_key, variables)
SELECT :called_no, 'hand', ${way_customer}, :now,
  ${step_key}, e.variables
FROM enrollment e WHERE e.enrollment_no among(:picked) AND e.state || '' = 'active'

-- name: claims_of
-- Identifiers of those customers, to address an event to them.
SELECT e.enrollment_no, e.since_at, o.kind, o.value
FROM enrollment e JOIN identifier i ON i.identifier_id = e.customer_id
JOIN identifier o ON o.customer_id = i.customer_id AND o.retired_at IS NULL
WHERE e.enrollment_no among(:picked) AND e.state || '' = 'active' ORDER BY e.enrollment_no, o.identifier_id

-- name: judge
-- What was heard for entry, with why not (null: may enter). re_entry: customers' own earlier ways are looked at over all merges.
-- Sums with 0 and empty texts: only the customer leads to ways, or each look would read all ways of the journey.
SELECT h.heard_no, h.customer_id, CASE
  WHEN h.customer_id IS NULL THEN 'unknown'
  WHEN h.happened_at < :too_late THEN 'too_late'
  WHEN :entry_no > 0 AND NOT EXISTS (
    SELECT 1 FROM membership m WHERE m.list_no = :entry_no AND m.identifier_id = h.customer_id ${fence}) THEN 'entry_rule'
  WHEN EXISTS (SELECT 1 FROM membership m WHERE m.list_no IN integers(:ends) AND m.identifier_id = h.customer_id ${fence}) THEN 'ended_before'
  WHEN :re_entry <> 'each' AND row_number() OVER (PARTITION BY h.customer_id ORDER BY h.happened_at, h.heard_no) > 1 THEN 'within'
  WHEN :re_entry <> 'each' AND EXISTS (
    SELECT 1 FROM identifier o CROSS JOIN enrollment e
    WHERE o.customer_id = h.customer_id AND e.journey_no + 0 = :journey_no AND e.customer_id = o.identifier_id AND e.state || '' = 'active' ${fence}) THEN 'within'
  WHEN :re_entry IN ('never', 'after') AND EXISTS (
    SELECT 1 FROM identifier o CROSS JOIN enrollment e
    WHERE o.customer_id = h.customer_id AND e.journey_no + 0 = :journey_no AND e.customer_id = o.identifier_id AND e.entered_at > :entered_after ${fence}) THEN 're_entry'
  WHEN EXISTS (SELECT 1 FROM enrollment e WHERE e.journey_no + 0 = :journey_no AND e.customer_id = h.customer_id
    AND e.entry_key = h.entry_key ${fence}) THEN 'heard_before'
  END AS reason
FROM (
  SELECT x.heard_no, x.happened_at, x.entry_key, (
    SELECT o.customer_id FROM identifier o WHERE o.identifier_id = x.customer_id AND o.kind <> 'erased') AS customer_id
  FROM (
    SELECT heard_no, happened_at, entry_key, customer_id FROM heard
    WHERE journey_no = :journey_no AND ear IN ('trigger', 'hand') ORDER BY heard_no LIMIT :most) x
  ${fence}) h
ORDER BY h.heard_no

-- name: enter
INSERT INTO enrollment (journey_no, version_no, customer_id, entry_key, state, arm, lot, step_id, since_at, due_at, waits_for,
  variables, trail, entered_at, untold)
SELECT :journey_no, :version_no, h.customer_id, h.entry_key, 'active',
  CASE WHEN h.customer_id among(:control) THEN 'control' ELSE 'treated' END,
  substr(md5(CAST(h.customer_id AS TEXT) || CAST(:salt AS TEXT)), 1, 8), :step_id, h.began_at,
  CASE WHEN :until_at > 0 THEN :until_at ELSE h.began_at + :plus END, CAST(:waits_for AS TEXT), h.variables, '', h.began_at, 1
FROM (
  SELECT (SELECT i.customer_id FROM identifier i WHERE i.identifier_id = x.customer_id) AS customer_id, x.entry_key, x.variables,
    CASE WHEN x.happened_at > :long_ago THEN ${least}(x.happened_at, :now) ELSE :now END AS began_at
  FROM heard x WHERE x.heard_no among(:picked) ${fence}) h
WHERE h.customer_id IS NOT NULL
ON CONFLICT (journey_no, customer_id, entry_key) DO NOTHING

-- name: entered_of_heard
SELECT e.enrollment_no FROM heard h JOIN identifier i ON i.identifier_id = h.customer_id
JOIN enrollment e ON e.journey_no = :journey_no AND e.customer_id = i.customer_id AND e.entry_key = h.entry_key
WHERE h.heard_no among(:picked)

-- name: refuse
INSERT INTO journey_refusal (journey_no, customer_id, reason, refused_at, times)
SELECT :journey_no, h.customer_id, :reason, :now, count(*) FROM heard h WHERE h.heard_no among(:picked)
GROUP BY h.customer_id
ON CONFLICT (journey_no, customer_id, reason) DO UPDATE SET
  refused_at = excluded.refused_at, times = journey_refusal.times + excluded.times

-- name: heard_ears
SELECT DISTINCT journey_no, ear FROM heard

-- name: some_heard
SELECT heard_no FROM heard WHERE journey_no = :journey_no AND ear = :ear ORDER BY heard_no LIMIT :most

-- name: forget_heard
DELETE FROM heard WHERE heard_no among(:picked)

-- name: forget_unheard
-- What was heard for a journey that is not at work any more.
DELETE FROM heard WHERE journey_no = :journey_no

-- name: reached
-- Ways that something heard ends: it happened after entry, and is not what let the customer in. The order of the joins is meant:
-- from the few that were heard to their ways.
SELECT e.enrollment_no, e.step_id, e.arm
FROM heard h CROSS JOIN identifier i CROSS JOIN identifier o CROSS JOIN enrollment e
WHERE h.heard_no among(:picked) AND i.identifier_id = h.customer_id AND o.customer_id = i.customer_id
  AND e.journey_no + 0 = :journey_no AND e.customer_id = o.identifier_id AND e.state || '' = 'active' AND h.entry_key <> e.entry_key
  AND h.happened_at >= e.entered_at AND (:within = 0 OR h.happened_at < e.entered_at + :within)

-- name: woken
-- Ways at a step whose wait something heard ends. The empty text keeps SQLite from looking at everybody at that step.
SELECT e.enrollment_no
FROM heard h CROSS JOIN identifier i CROSS JOIN identifier o CROSS JOIN enrollment e
WHERE h.heard_no among(:picked) AND i.identifier_id = h.customer_id AND o.customer_id = i.customer_id
  AND e.journey_no + 0 = :journey_no AND e.customer_id = o.identifier_id AND e.state || '' = 'active'
  AND e.step_id || '' = :step_id AND e.waits_for IS NOT NULL AND h.happened_at >= e.since_at - :grace

-- name: wake_members
UPDATE enrollment SET waits_for = NULL, due_at = :now
WHERE enrollment_no among(:picked) AND state || '' = 'active' AND EXISTS (
  SELECT 1 FROM identifier i JOIN membership m ON m.identifier_id = i.customer_id
  WHERE i.identifier_id = enrollment.customer_id AND m.list_no = :list_no ${fence})

-- name: hear_changes
INSERT INTO heard (journey_no, ear, customer_id, happened_at, entry_key, variables)
SELECT :journey_no, :ear, c.customer_id, c.changed_at, 'segment:' || c.change_no, '{}'
FROM segment_change c JOIN identifier i ON i.identifier_id = c.customer_id
WHERE c.change_no > :after AND c.change_no <= :upto AND c.list_no = :list_no AND c.entered = :entered
  AND c.changed_at > :since ORDER BY c.change_no

-- name: last_change
SELECT coalesce(max(change_no), 0) FROM segment_change

-- name: hear_members
-- Everybody in a list, at a moment of a schedule.
INSERT INTO heard (journey_no, ear, customer_id, happened_at, entry_key, variables)
SELECT :journey_no, 'trigger', m.identifier_id, :happened_at, :entry_key, '{}'
FROM membership m JOIN identifier i ON i.identifier_id = m.identifier_id AND i.customer_id = m.identifier_id
WHERE m.list_no = :list_no

-- name: hear_days
-- Customers whose day on the profile is one of some; the latest observation counts.
INSERT INTO heard (journey_no, ear, customer_id, happened_at, entry_key, variables)
SELECT :journey_no, 'trigger', d.customer_id, :happened_at, :entry_key, '{}'
FROM (SELECT i.customer_id, t.value, row_number() OVER (PARTITION BY i.customer_id ORDER BY t.observed_at DESC) AS nth
  FROM trait t JOIN identifier i ON i.identifier_id = t.identifier_id WHERE t.name = :trait) d
WHERE d.nth = 1 AND substr(d.value, :first, :length) IN texts(:days)

-- name: enter_by_hand
INSERT INTO heard (journey_no, ear, customer_id, happened_at, entry_key, variables)
VALUES (:journey_no, 'hand', :customer_id, :now, :entry_key, :variables)

-- name: move_cursor
UPDATE counter SET value = :upto WHERE name = :name AND value = :after

-- name: raise_cursor
UPDATE counter SET value = ${greatest}(value, :value) WHERE name = :name

-- name: last_move
SELECT coalesce(max(move_no), 0) FROM move

-- name: brought_together
-- Ways of one customer through one journey side by side, after a merge; all but the one that began first.
SELECT d.enrollment_no, d.step_id, d.arm, d.journey_no FROM (
  SELECT e.enrollment_no, e.step_id, e.arm, e.journey_no,
    row_number() OVER (PARTITION BY e.journey_no, o.customer_id ORDER BY e.entered_at, e.enrollment_no) AS nth
  FROM (
    SELECT DISTINCT t.customer_id FROM move v JOIN identifier t ON t.identifier_id = v.identifier_id
    WHERE v.move_no > :after AND v.move_no <= :upto) c
  CROSS JOIN identifier o CROSS JOIN enrollment e
  WHERE o.customer_id = c.customer_id AND e.customer_id = o.identifier_id AND e.state = 'active'
    AND e.journey_no IN integers(:journeys)) d
WHERE d.nth > 1

-- name: untold
SELECT e.enrollment_no, e.journey_no, e.customer_id, e.state, e.arm, e.entered_at, e.ended_at, e.reason, e.untold
FROM enrollment e WHERE e.untold > 0 ORDER BY e.enrollment_no LIMIT :most

-- name: is_untold
SELECT CASE WHEN EXISTS (SELECT 1 FROM enrollment WHERE untold > 0) THEN 1 ELSE 0 END

-- name: tell
UPDATE enrollment SET untold = 0 WHERE enrollment_no among(:picked)

-- name: waiting
SELECT step_id, count(*) AS customers FROM enrollment
WHERE journey_no = :journey_no AND state = 'active' GROUP BY step_id

-- name: counts
SELECT step_id, outcome, arm, sum(customers) AS customers FROM journey_count
WHERE journey_no = :journey_no AND counted_on >= :since GROUP BY step_id, outcome, arm

-- name: sizes
-- Those on their way from the index of the active ones, those who ended from their counts: no way is read.
SELECT journey_no, 'active' AS state, count(*) AS customers FROM enrollment WHERE state = 'active' GROUP BY journey_no
UNION ALL
SELECT j.journey_no, c.outcome, sum(c.customers) FROM journey j
JOIN journey_count c ON c.journey_no = j.journey_no AND c.step_id = :ended GROUP BY j.journey_no, c.outcome

-- name: standing
SELECT state, version_no FROM journey WHERE journey_no = :journey_no AND deleted_at IS NULL

-- name: number_of
SELECT journey_no FROM journey WHERE name = :name AND deleted_at IS NULL AND state = 'live'

-- name: newest_batch
SELECT coalesce(max(batch_no), 0) FROM snapshot

-- name: has_rules
SELECT CASE WHEN EXISTS (SELECT 1 FROM saved_list WHERE origin IN ('segment', 'condition') AND deleted_at IS NULL) THEN 1 ELSE 0 END

-- name: ways
SELECT enrollment_no, version_no, customer_id, entry_key, state, arm, step_id, since_at, due_at, waits_for, variables, trail,
  entered_at, ended_at, reason
FROM enrollment WHERE journey_no = :journey_no ORDER BY enrollment_no

-- name: messages_of
SELECT message_no, customer_id, enrollment_no, step_id, channel, template, variables, state, reason, planned_at, due_at, closed_at
FROM message WHERE journey_no = :journey_no ORDER BY message_no

-- name: refusals
SELECT customer_id, reason, refused_at, times FROM journey_refusal WHERE journey_no = :journey_no ORDER BY customer_id, reason

-- name: of_identifiers
SELECT j.name AS journey, e.enrollment_no, e.customer_id, e.state, e.reason, e.arm, e.step_id, e.variables, e.trail, e.entered_at,
  e.ended_at
FROM enrollment e JOIN journey j ON j.journey_no = e.journey_no
WHERE e.customer_id IN integers(:identifier_ids) ORDER BY e.enrollment_no

-- name: refusals_of
SELECT r.journey_no, r.customer_id, r.reason, r.refused_at, r.times FROM journey_refusal r
WHERE r.customer_id IN integers(:identifier_ids) AND r.journey_no = :journey_no ORDER BY r.refused_at DESC

-- name: ways_of
SELECT enrollment_no, version_no, customer_id, entry_key, state, arm, step_id, since_at, due_at, waits_for, variables, trail,
  entered_at, ended_at, reason
FROM enrollment WHERE journey_no = :journey_no AND customer_id IN integers(:identifier_ids) ORDER BY enrollment_no

-- name: messages_of_ways
SELECT message_no, enrollment_no, step_id, channel, template, state, reason, answer, planned_at, due_at, closed_at
FROM message WHERE enrollment_no among(:numbers) ORDER BY message_no

-- name: names
SELECT journey_no, name FROM journey

-- name: is_member
SELECT CASE WHEN EXISTS (SELECT 1 FROM membership WHERE list_no = :list_no AND identifier_id = :customer_id) THEN 1 ELSE 0 END

-- name: message_states
SELECT state, count(*) AS customers FROM message WHERE journey_no = :journey_no GROUP BY state ORDER BY state

-- name: hook
SELECT h.journey_no, h.secret, h.is_signed FROM journey_hook h JOIN journey j ON j.journey_no = h.journey_no
WHERE h.journey_no = :journey_no AND j.deleted_at IS NULL

-- name: set_hook
INSERT INTO journey_hook (journey_no, secret, is_signed, made_at) VALUES (:journey_no, :secret, :is_signed, :now)
ON CONFLICT (journey_no) DO UPDATE SET secret = excluded.secret, is_signed = excluded.is_signed, made_at = excluded.made_at

-- name: drop_hook
DELETE FROM journey_hook WHERE journey_no = :journey_no
