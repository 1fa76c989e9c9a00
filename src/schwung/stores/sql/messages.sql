-- name: plan
-- One message; the same key a second time changes nothing.
INSERT INTO message (message_key, customer_id, channel, purpose, is_advertising, template, variables, campaign, identifier_id,
  state, planned_at, due_at, lapses_at)
VALUES (:message_key, :customer_id, :channel, :purpose, :is_advertising, :template, :variables, :campaign, :identifier_id,
  'planned', :planned_at, :due_at, :lapses_at)
ON CONFLICT (message_key) DO NOTHING

-- name: by_key
SELECT message_no FROM message WHERE message_key = :message_key

-- name: claim
-- The messages of a channel whose time has come, oldest first.
UPDATE message SET state = 'claimed', claim_token = :token, claimed_by = :sender, claimed_at = :now, called_at = NULL
WHERE message_no IN (
  SELECT message_no FROM message
  WHERE state = 'planned' AND channel = :channel AND is_advertising = :is_advertising AND due_at <= :now
  ORDER BY due_at, message_no LIMIT :most)

-- name: is_due
SELECT CASE WHEN EXISTS (SELECT 1 FROM message
    WHERE state = 'planned' AND channel = :channel AND is_advertising = 0 AND due_at <= :now)
  OR EXISTS (SELECT 1 FROM message
    WHERE state = 'planned' AND channel = :channel AND is_advertising = 1 AND due_at <= :now) THEN 1 ELSE 0 END

-- name: lapse
-- Advertising whose time is over. What never waited has no such time.
UPDATE message SET state = 'lapsed', reason = 'too_late', closed_at = :now
WHERE claim_token = :token AND state = 'claimed' AND lapses_at <= :now

-- name: hold_stopped
UPDATE message SET state = 'held', reason = 'stopped'
WHERE claim_token = :token AND state = 'claimed' AND journey_no IS NOT NULL AND (
  EXISTS (SELECT 1 FROM stop_switch s WHERE s.scope = 'journey:' || message.journey_no)
  OR EXISTS (SELECT 1 FROM journey j WHERE j.journey_no = message.journey_no AND j.state = 'paused'))

-- name: release_held
-- Unless the journey is still stopped or paused.
UPDATE message SET state = 'planned', reason = NULL
WHERE state = 'held' AND reason = 'stopped' AND journey_no = :journey_no
  AND NOT EXISTS (SELECT 1 FROM stop_switch s WHERE s.scope = 'journey:' || message.journey_no)
  AND NOT EXISTS (SELECT 1 FROM journey j WHERE j.journey_no = message.journey_no AND j.state = 'paused')

-- name: claimed_numbers
SELECT message_no FROM message WHERE claim_token = :token AND state = 'claimed'

-- name: claimed
-- What is left of a claim, as it is needed to render and send it. customer: who owns it now.
SELECT m.message_no, m.message_key, p.customer_id AS customer, m.channel, m.purpose, m.is_advertising, m.template, m.variables,
  m.journey_no, m.enrollment_no, m.step_id, m.campaign, m.identifier_id, a.kind, coalesce(a.value, q.address) AS address,
  m.attempts, m.planned_at, m.due_at, m.lapses_at
FROM message m
LEFT JOIN identifier p ON p.identifier_id = m.customer_id
LEFT JOIN identifier a ON a.identifier_id = m.identifier_id
LEFT JOIN double_opt_in q ON q.message_key = m.message_key
WHERE m.claim_token = :token AND m.state = 'claimed' ORDER BY m.due_at, m.message_no

-- name: zones
-- What customers' own data say about their time zone, the latest last.
SELECT i.customer_id, t.value FROM identifier i JOIN trait t ON t.identifier_id = i.identifier_id
WHERE i.customer_id IN integers(:customer_ids) AND t.name = 'timezone' ORDER BY t.observed_at

-- name: had
-- Advertising that customers have had since a moment, or may have had.
SELECT p.customer_id, coalesce(m.closed_at, m.called_at, m.claimed_at) AS sent_at, m.channel
FROM identifier p JOIN message m ON m.customer_id = p.identifier_id
WHERE p.customer_id IN integers(:customer_ids) AND m.is_advertising = 1 AND m.state IN ('sent', 'unknown', 'claimed')
  AND m.claim_token <> :token AND coalesce(m.closed_at, m.called_at, m.claimed_at) >= :since

-- name: wait
-- Later, with the reason why; lapsed where that is too late. What waits the first time lapses so long after its time.
UPDATE message SET
  state = CASE WHEN :lapses = 1 OR coalesce(lapses_at, due_at + :longest) <= :due_at THEN 'lapsed' ELSE 'planned' END,
  closed_at = CASE WHEN :lapses = 1 OR coalesce(lapses_at, due_at + :longest) <= :due_at THEN :now ELSE NULL END,
  lapses_at = coalesce(lapses_at, due_at + :longest), due_at = :due_at, reason = :reason
WHERE message_no = :message_no AND claim_token = :token AND state = 'claimed'

-- name: give_back
-- Claimed, and the channel was not asked: as if nothing had been.
UPDATE message SET state = 'planned', claim_token = NULL, claimed_by = NULL, claimed_at = NULL
WHERE claim_token = :token AND state = 'claimed' AND called_at IS NULL

-- name: give_back_some
UPDATE message SET state = 'planned', claim_token = NULL, claimed_by = NULL, claimed_at = NULL
WHERE claim_token = :token AND state = 'claimed' AND called_at IS NULL AND message_no IN integers(:numbers)

-- name: call
-- From here on the channel may have been asked. Not what was cancelled or stopped meanwhile.
UPDATE message SET called_at = :now, attempts = attempts + 1
WHERE message_no IN integers(:numbers) AND claim_token = :token AND state = 'claimed' AND called_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM stop_switch s
    WHERE s.scope IN ('all', 'channel:' || message.channel, 'journey:' || coalesce(message.journey_no, 0)))
  AND NOT EXISTS (SELECT 1 FROM journey j WHERE j.journey_no = message.journey_no AND j.state = 'paused')
RETURNING message_no

-- name: close
-- Also what was held as unknown because its sender seemed to be gone: the true answer, though late.
UPDATE message SET state = :state, reason = :reason, answer = :answer, provider_id = coalesce(:provider_id, provider_id),
  due_at = coalesce(:due_at, due_at), closed_at = CASE WHEN :state = 'planned' THEN NULL ELSE :now END
WHERE message_no = :message_no AND claim_token = :token AND state IN ('claimed', 'unknown')

-- name: lost
-- Claims whose sender is gone: certain ones are planned again, the others held as unknown.
UPDATE message SET
  reason = CASE WHEN called_at IS NULL THEN NULL ELSE 'sender_gone' END,
  closed_at = CASE WHEN called_at IS NULL THEN NULL ELSE :now END,
  state = CASE WHEN called_at IS NULL THEN 'planned' ELSE 'unknown' END
WHERE state = 'claimed' AND claimed_by NOT IN texts(:alive)

-- name: called_by
SELECT message_no, claim_token, claimed_by FROM message
WHERE state = 'claimed' AND called_at IS NOT NULL AND claimed_by IN texts(:senders)

-- name: uncall
-- The channel was certainly not asked, or did not take it.
UPDATE message SET called_at = NULL, attempts = attempts - 1
WHERE message_no IN integers(:numbers) AND state = 'claimed' AND called_at IS NOT NULL

-- name: claimers
SELECT DISTINCT claimed_by FROM message WHERE state = 'claimed'


-- name: cancel_one
UPDATE message SET state = 'cancelled', reason = 'by_hand', closed_at = :now
WHERE message_no = :message_no AND (state IN ('planned', 'held') OR (state = 'claimed' AND called_at IS NULL))

-- name: resend
UPDATE message SET state = 'planned', reason = 'resent', due_at = :now, closed_at = NULL, claim_token = NULL, called_at = NULL
WHERE message_no = :message_no AND state IN ('unknown', 'failed')

-- name: mark_sent
UPDATE message SET state = 'sent', reason = 'marked', closed_at = coalesce(called_at, :now)
WHERE message_no = :message_no AND state = 'unknown'

-- name: link_count
UPDATE message SET link_count = :link_count WHERE message_no = :message_no AND link_count <> :link_count

-- name: counts
SELECT state, count(*) AS messages FROM message GROUP BY state

-- name: waiting
-- How many wait for a look: outcome not known.
SELECT count(*) FROM message WHERE state = 'unknown'

-- name: newest
-- Of one state, or of all of them (empty), the newest first.
SELECT m.message_no, m.message_key, p.customer_id, l.full_name, m.channel, m.purpose, m.is_advertising, m.template, m.state, m.reason,
  m.planned_at, m.due_at, m.closed_at, m.attempts, m.journey_no, m.step_id, m.campaign
FROM message m LEFT JOIN identifier p ON p.identifier_id = m.customer_id
LEFT JOIN customer_list l ON l.customer_id = p.customer_id
WHERE (:state = '' OR m.state = :state) AND m.message_no < :before
ORDER BY m.message_no DESC LIMIT :most

-- name: one
SELECT m.message_no, m.message_key, p.customer_id, l.full_name, m.channel, m.purpose, m.is_advertising, m.template, m.variables,
  m.journey_no, m.enrollment_no, m.step_id, m.campaign, m.state, m.reason, m.identifier_id, a.kind, a.value AS address, m.planned_at,
  m.due_at, m.lapses_at, m.claimed_at, m.called_at, m.attempts, m.provider_id, m.answer, m.closed_at, m.link_count
FROM message m LEFT JOIN identifier p ON p.identifier_id = m.customer_id
LEFT JOIN identifier a ON a.identifier_id = m.identifier_id
LEFT JOIN customer_list l ON l.customer_id = p.customer_id
WHERE m.message_no = :message_no

-- name: of_customers
SELECT m.message_no, m.message_key, m.channel, m.purpose, m.template, m.variables, m.journey_no, m.step_id, m.campaign, m.state,
  m.reason, m.planned_at, m.due_at, m.closed_at, m.answer
FROM message m WHERE m.customer_id IN integers(:identifier_ids) ORDER BY m.message_no

-- name: fates
SELECT state, happened_at, note FROM message_fate WHERE message_no = :message_no ORDER BY happened_at, state

-- name: fates_of
SELECT f.message_no, f.state, f.happened_at, f.note FROM message m JOIN message_fate f ON f.message_no = m.message_no
WHERE m.customer_id IN integers(:identifier_ids) ORDER BY f.message_no, f.happened_at

-- name: note_fate
INSERT INTO message_fate (message_no, state, happened_at, note) VALUES (:message_no, :state, :happened_at, :note)
ON CONFLICT (message_no, state) DO NOTHING

-- name: sent_like
-- Sent messages by their number, for what comes back.
SELECT m.message_no, m.state, m.channel, m.identifier_id, m.closed_at, m.called_at, m.link_count, m.planned_at, m.purpose, m.journey_no, m.step_id,
  m.template, m.campaign, a.kind, a.value AS address, p.customer_id AS customer
FROM message m LEFT JOIN identifier a ON a.identifier_id = m.identifier_id
LEFT JOIN identifier p ON p.identifier_id = m.customer_id
WHERE m.message_no IN integers(:numbers) AND m.state IN ('sent', 'unknown', 'failed')

-- name: by_provider
SELECT message_no FROM message WHERE provider_id = :provider_id ORDER BY message_no DESC LIMIT 1

-- name: touch
INSERT INTO message_touch (message_no, link_no, url, agent, touched_at) VALUES (:message_no, :link_no, :url, :agent, :touched_at)

-- name: settled_touches
-- Of messages that nobody has touched since a moment, or whose first touch is long ago.
SELECT t.touch_no, t.message_no, t.link_no, t.url, t.agent, t.touched_at FROM message_touch t
WHERE t.message_no IN (
  SELECT message_no FROM message_touch GROUP BY message_no HAVING max(touched_at) <= :quiet OR min(touched_at) <= :long
  ORDER BY message_no LIMIT :most)
ORDER BY t.message_no, t.touched_at, t.touch_no

-- name: drop_touches
DELETE FROM message_touch WHERE touch_no IN integers(:numbers)

-- name: stops
SELECT scope, stopped_by, stopped_at FROM stop_switch ORDER BY scope

-- name: stop
INSERT INTO stop_switch (scope, stopped_by, stopped_at) VALUES (:scope, :stopped_by, :now) ON CONFLICT (scope) DO NOTHING

-- name: is_stopped
SELECT count(*) FROM stop_switch WHERE scope IN ('all', 'channel:' || :channel)

-- name: lift_stop
DELETE FROM stop_switch WHERE scope = :scope

-- name: pace
SELECT free_at FROM channel_pace WHERE channel = :channel

-- name: set_pace
INSERT INTO channel_pace (channel, free_at) VALUES (:channel, :free_at)
ON CONFLICT (channel) DO UPDATE SET free_at = excluded.free_at

-- name: days
SELECT day, sent, bounced, complained FROM channel_day WHERE channel = :channel AND day >= :since ORDER BY day

-- name: count_day
INSERT INTO channel_day (channel, day, sent, bounced, complained) VALUES (:channel, :day, :sent, :bounced, :complained)
ON CONFLICT (channel, day) DO UPDATE SET sent = channel_day.sent + excluded.sent,
  bounced = channel_day.bounced + excluded.bounced, complained = channel_day.complained + excluded.complained

-- name: suppress
INSERT INTO suppression (identifier_id, channel, reason, source, suppressed_at)
SELECT :identifier_id, :channel, :reason, 'delivery', :now WHERE NOT EXISTS (
  SELECT 1 FROM suppression WHERE identifier_id = :identifier_id AND channel = :channel AND reason = :reason AND lifted_at IS NULL)

-- name: last
SELECT max(message_no) FROM message

-- name: has_touches
SELECT CASE WHEN EXISTS (SELECT 1 FROM message_touch) THEN 1 ELSE 0 END

-- name: has_fate
SELECT 1 FROM message_fate WHERE message_no = :message_no AND state = :state
