-- name: simulation
SELECT laws, block_count, blocks_done, event_count, order_count, done_at FROM simulation WHERE simulation_no = 1

-- name: begin
INSERT INTO simulation (simulation_no, laws, block_count, customer_count, started_at)
VALUES (1, :laws, :block_count, :customer_count, :now)

-- name: advance
UPDATE simulation
SET blocks_done = :blocks_done, event_count = event_count + :events, order_count = order_count + :orders
WHERE simulation_no = 1

-- name: finish
UPDATE simulation SET done_at = :now WHERE simulation_no = 1

-- name: sent
-- E-mails that were sent between two moments, both included.
SELECT m.message_no, m.template, m.campaign, coalesce(m.closed_at, m.called_at) AS sent_at, a.value AS address
FROM message m JOIN identifier a ON a.identifier_id = m.identifier_id
WHERE m.state = 'sent' AND m.channel = 'email' AND m.closed_at BETWEEN :since AND :upto AND a.kind = 'email'
ORDER BY m.message_no

-- name: messages
SELECT message_no, campaign, journey_no, purpose, identifier_id, provider_id FROM message
WHERE message_no IN integers(:numbers) ORDER BY message_no

-- name: start_journeys
-- Journeys that were started by the clock on the wall count as started on the shop's day.
UPDATE journey SET started_at = :now WHERE state = 'live' AND started_at > :now

-- name: exposed
-- Who met an experiment, in which group, by every e-mail address of theirs; of several groups: each of them.
SELECT o.customer_id, e.arm, min(e.exposed_at) AS exposed_at, a.value AS address
FROM exposure e JOIN identifier o ON o.identifier_id = e.identifier_id
JOIN identifier a ON a.customer_id = o.customer_id AND a.kind = 'email'
WHERE e.experiment_no = :experiment_no
GROUP BY o.customer_id, e.arm, a.value
ORDER BY o.customer_id, e.arm, a.value

-- name: consenting
SELECT DISTINCT identifier_id FROM consent WHERE identifier_id IN integers(:identifier_ids)
