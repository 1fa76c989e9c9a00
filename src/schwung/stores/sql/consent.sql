-- name: add
INSERT INTO consent
  (identifier_id, purpose, channel, state, legal_basis, source, proof, given_at, expires_at, recorded_at, text_no)
VALUES
  (:identifier_id, :purpose, :channel, :state, :legal_basis, :source, :proof, :given_at, :expires_at, :recorded_at, :text_no)

-- name: of_customer
SELECT c.consent_no, c.identifier_id, c.purpose, c.channel, c.state, c.legal_basis, c.source, c.proof, c.given_at,
  c.expires_at, c.text_no, c.confirmed_at
FROM identifier i JOIN consent c ON c.identifier_id = i.identifier_id
WHERE i.customer_id = :customer_id ORDER BY c.consent_no

-- name: opt_outs_of
SELECT o.opt_out_no, o.identifier_id, o.topic, o.channel, o.source, o.opted_out_at, o.lifted_at
FROM identifier i JOIN opt_out o ON o.identifier_id = i.identifier_id
WHERE i.customer_id = :customer_id ORDER BY o.opt_out_no

-- name: suppressions_of
SELECT s.suppression_no, s.identifier_id, s.channel, s.reason, s.source, s.suppressed_at, s.lifted_at
FROM identifier i JOIN suppression s ON s.identifier_id = i.identifier_id
WHERE i.customer_id = :customer_id ORDER BY s.suppression_no

-- name: opt_out
INSERT INTO opt_out (identifier_id, topic, channel, source, opted_out_at)
VALUES (:identifier_id, :topic, :channel, :source, :opted_out_at)

-- name: lift_opt_out
UPDATE opt_out SET lifted_at = :lifted_at
WHERE topic = :topic AND channel = :channel AND lifted_at IS NULL
  AND identifier_id IN (SELECT identifier_id FROM identifier WHERE customer_id = :customer_id)

-- name: suppress
INSERT INTO suppression (identifier_id, channel, reason, source, suppressed_at)
VALUES (:identifier_id, :channel, :reason, :source, :suppressed_at)

-- name: lift_suppression
UPDATE suppression SET lifted_at = :lifted_at WHERE identifier_id = :identifier_id AND channel = :channel AND lifted_at IS NULL

-- name: copy_opt_outs
INSERT INTO opt_out (identifier_id, topic, channel, source, opted_out_at)
SELECT :to, o.topic, o.channel, min(o.source), min(o.opted_out_at) FROM opt_out o
WHERE o.identifier_id IN integers(:identifier_ids) AND o.lifted_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM opt_out x
  WHERE x.identifier_id IN integers(:others) AND x.topic = o.topic AND x.channel = o.channel AND x.lifted_at IS NULL)
GROUP BY o.topic, o.channel

-- name: copy_suppressions
INSERT INTO suppression (identifier_id, channel, reason, source, suppressed_at)
SELECT :to, s.channel, s.reason, min(s.source), min(s.suppressed_at) FROM suppression s
WHERE s.identifier_id IN integers(:identifier_ids) AND s.lifted_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM suppression x
  WHERE x.identifier_id IN integers(:others) AND x.channel = s.channel AND x.reason = s.reason AND x.lifted_at IS NULL)
GROUP BY s.channel, s.reason
