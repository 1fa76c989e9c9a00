-- name: block
-- The verdict of `act.legality.judge` over a set of messages, in one statement: those that must not go out are blocked, the
-- others get the address that they may go to.
WITH due AS (
  SELECT m.message_no, m.purpose, m.is_advertising, m.channel, m.identifier_id AS chosen, p.customer_id,
    CASE m.channel WHEN 'email' THEN 'email' WHEN 'sms' THEN 'phone' WHEN 'phone' THEN 'phone' WHEN 'whatsapp' THEN 'phone' ELSE '' END AS kind,
    CASE m.purpose WHEN 'loyalty' THEN 'points' ELSE m.purpose END AS topic
  FROM message m LEFT JOIN identifier p ON p.identifier_id = m.customer_id
  -- By number; the index of states would lead through the whole queue.
  WHERE m.message_no IN integers(:message_nos) AND m.state || '' IN ('planned', 'claimed')
), ${verdicts}
UPDATE message SET
  state = CASE WHEN v.reason <> '' THEN 'blocked' ELSE message.state END,
  reason = CASE WHEN v.reason <> '' THEN v.reason ELSE message.reason END,
  closed_at = CASE WHEN v.reason <> '' THEN :now ELSE message.closed_at END,
  identifier_id = CASE WHEN v.reason <> '' THEN message.identifier_id ELSE v.identifier_id END
FROM verdict v WHERE v.place = 1 AND v.message_no = message.message_no
RETURNING message.message_no, CASE WHEN message.state = 'blocked' THEN message.reason END AS reason, message.identifier_id

-- name: reach
-- Members of a list (each `every`th of their numbers) by the verdict over advertising to them now.
WITH due AS (
  SELECT i.customer_id AS message_no, CAST(:purpose AS TEXT) AS purpose, 1 AS is_advertising, CAST(:channel AS TEXT) AS channel,
    CAST(NULL AS BIGINT) AS chosen, i.customer_id, CAST(:kind AS TEXT) AS kind, CAST(:topic AS TEXT) AS topic
  FROM (SELECT DISTINCT p.customer_id FROM membership m JOIN identifier p ON p.identifier_id = m.identifier_id
    WHERE m.list_no = :list_no AND p.customer_id % :every = 0) i
), ${verdicts}
SELECT reason, count(*) AS customers FROM verdict WHERE place = 1 GROUP BY reason ORDER BY count(*) DESC, reason

-- name: due
SELECT message_no FROM message WHERE state = 'planned' AND due_at <= :now

-- name: cancel
-- Planned advertising of a person, whichever of their numbers it was planned for.
UPDATE message SET state = 'cancelled', reason = :reason, closed_at = :now
WHERE (state IN ('planned', 'held') OR (state = 'claimed' AND called_at IS NULL)) AND is_advertising = 1 AND purpose IN texts(:purposes)
  AND (:channel = 'any' OR channel = :channel)
  AND customer_id IN (SELECT identifier_id FROM identifier WHERE customer_id = :customer_id)

-- name: person
SELECT customer_id FROM identifier WHERE identifier_id = :identifier_id

-- name: addresses
SELECT identifier_id, kind, first_seen_at, CASE WHEN retired_at IS NULL THEN 0 ELSE 1 END AS retired
FROM identifier WHERE customer_id = :customer_id ORDER BY identifier_id

-- name: own
SELECT o.identifier_id, o.order_id, o.sold_at, o.goods, o.notice_no, o.notice_at
FROM identifier i JOIN own_customer o ON o.identifier_id = i.identifier_id
WHERE i.customer_id = :customer_id ORDER BY o.basis_no

-- name: tracked
-- Messages whose reader agreed to be measured: the latest word about it at this address is a proved yes that still holds.
WITH said AS (
  SELECT m.message_no, c.state, c.expires_at, c.proof, c.confirmed_at, p.customer_id, m.channel, row_number() OVER (
      PARTITION BY m.message_no
      ORDER BY c.given_at DESC, CASE c.state WHEN 'granted' THEN 1 ELSE 0 END, c.consent_no DESC) AS place
  FROM message m JOIN identifier p ON p.identifier_id = m.customer_id
  JOIN identifier i ON i.customer_id = p.customer_id JOIN consent c ON c.identifier_id = i.identifier_id
  JOIN identifier a ON a.identifier_id = m.identifier_id
  WHERE m.message_no IN integers(:message_nos) AND c.purpose = 'tracking' AND c.channel IN ('any', m.channel)
    AND c.given_at <= :now AND (c.state <> 'granted' OR (c.legal_basis = 'consent'
      AND (c.identifier_id = m.identifier_id OR i.kind <> a.kind)))
)
SELECT s.message_no FROM said s
WHERE s.place = 1 AND s.state = 'granted' AND trim(coalesce(s.proof, '')) <> '' AND (s.expires_at IS NULL OR s.expires_at > :now)
  AND NOT EXISTS (
    SELECT 1 FROM identifier i JOIN opt_out o ON o.identifier_id = i.identifier_id
    WHERE i.customer_id = s.customer_id AND o.topic = 'objection' AND o.lifted_at IS NULL AND o.channel IN ('any', s.channel)
      AND coalesce(s.confirmed_at, -1) <= o.opted_out_at)

-- name: link_keys
SELECT key_no, secret FROM link_key ORDER BY key_no

-- name: add_link_key
INSERT INTO link_key (secret, made_at) VALUES (:secret, :now)

-- name: drop_link_keys
DELETE FROM link_key

-- name: address
SELECT i.identifier_id, i.customer_id, i.kind, i.value FROM identifier i
WHERE i.identifier_id = :identifier_id AND i.retired_at IS NULL AND i.kind <> 'erased'

-- name: is_opted_out
SELECT count(*) FROM identifier i JOIN opt_out o ON o.identifier_id = i.identifier_id
WHERE i.customer_id = :customer_id AND o.topic = :topic AND o.channel IN ('any', :channel) AND o.lifted_at IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM identifier x JOIN consent c ON c.identifier_id = x.identifier_id
    WHERE x.customer_id = i.customer_id AND c.confirmed_at > o.opted_out_at)

-- name: withdraw
-- What a person once granted for these purposes is withdrawn.
INSERT INTO consent
  (identifier_id, purpose, channel, state, legal_basis, source, proof, given_at, expires_at, recorded_at)
SELECT :identifier_id, c.purpose, :channel, 'withdrawn', 'consent', :source, NULL, :now, NULL, :now
FROM identifier i JOIN consent c ON c.identifier_id = i.identifier_id
WHERE i.customer_id = :customer_id AND c.state = 'granted' AND c.purpose IN texts(:purposes) GROUP BY c.purpose

-- name: last_sent
-- The message after which somebody unsubscribed: the latest of its purpose that went to the address.
SELECT max(message_no) FROM message
WHERE customer_id IN (SELECT identifier_id FROM identifier WHERE customer_id = :customer_id)
  AND identifier_id = :identifier_id AND purpose = :purpose AND state IN ('sent', 'unknown')

-- name: add_text
INSERT INTO consent_text (name, version, kind, purposes, channel, en, de, made_at, made_by)
VALUES (:name, :version, :kind, :purposes, :channel, :en, :de, :now, :actor)
RETURNING text_no

-- name: texts
-- Newest versions first.
SELECT t.text_no, t.name, t.version, t.kind, t.purposes, t.channel, t.en, t.de, t.made_at, t.made_by
FROM consent_text t ORDER BY t.name, t.version DESC

-- name: text_uses
SELECT text_no, count(*) AS used FROM consent WHERE text_no IS NOT NULL GROUP BY text_no

-- name: ask
INSERT INTO double_opt_in (request_no, address, text_no, language, source, asked_at, message_key)
VALUES (:request_no, :address, :text_no, :language, :source, :now, :message_key)

-- name: asked_lately
SELECT count(*) AS asked, coalesce(max(q.asked_at), 0) AS last_at FROM double_opt_in q JOIN consent_text t ON t.text_no = q.text_no
WHERE q.address = :address AND t.name = :name AND q.asked_at > :since AND q.confirmed_at IS NULL

-- name: request
SELECT q.request_no, q.address, q.text_no, q.language, q.source, q.asked_at, q.confirmed_at, q.settled_at, t.name, t.version,
  t.purposes, t.channel, t.en, t.de
FROM double_opt_in q JOIN consent_text t ON t.text_no = q.text_no WHERE q.request_no = :request_no

-- name: confirm
UPDATE double_opt_in SET confirmed_at = :now WHERE request_no = :request_no AND confirmed_at IS NULL

-- name: confirmed
-- Confirmed, and the address has a customer by now: what is still to become consent.
SELECT q.request_no, q.address, q.text_no, q.source, q.asked_at, q.confirmed_at, t.name, t.version, t.purposes, t.channel,
  i.identifier_id, i.customer_id
FROM double_opt_in q JOIN consent_text t ON t.text_no = q.text_no
JOIN identifier i ON i.value = q.address AND i.kind = 'email' AND i.retired_at IS NULL
WHERE q.settled_at IS NULL AND q.confirmed_at IS NOT NULL

-- name: settle
UPDATE double_opt_in SET settled_at = :now WHERE request_no = :request_no AND settled_at IS NULL

-- name: add_confirmed
INSERT INTO consent (identifier_id, purpose, channel, state, legal_basis, source, proof, given_at, recorded_at, text_no, confirmed_at)
VALUES (:identifier_id, :purpose, :channel, 'granted', 'consent', :source, :proof, :confirmed_at, :now, :text_no, :confirmed_at)

-- name: drop_requests
-- Addresses that nobody confirmed, and those that are consent by now.
DELETE FROM double_opt_in WHERE asked_at <= :before AND (confirmed_at IS NULL OR settled_at IS NOT NULL)

-- name: waiting
SELECT count(*) FROM double_opt_in WHERE confirmed_at IS NULL

-- name: import_consent
-- A statement that is there already is not kept twice.
INSERT INTO consent
  (identifier_id, purpose, channel, state, legal_basis, source, proof, given_at, expires_at, recorded_at, text_no)
SELECT :identifier_id, :purpose, :channel, :state, 'consent', :source, :proof, :given_at, CAST(:expires_at AS BIGINT), :now,
  CAST(:text_no AS BIGINT)
WHERE NOT EXISTS (
  SELECT 1 FROM consent c WHERE c.identifier_id = :identifier_id AND c.purpose = :purpose AND c.channel = :channel
    AND c.state = :state AND c.given_at = :given_at AND coalesce(c.proof, '') = coalesce(:proof, ''))

-- name: import_own
INSERT INTO own_customer (identifier_id, order_id, sold_at, goods, notice_no, notice_at, source, recorded_at)
SELECT :identifier_id, CAST(:order_id AS TEXT), CAST(:sold_at AS BIGINT), CAST(:goods AS TEXT), CAST(:notice_no AS BIGINT),
  CAST(:notice_at AS BIGINT), :source, :now
WHERE NOT EXISTS (
  SELECT 1 FROM own_customer o WHERE o.identifier_id = :identifier_id AND coalesce(o.order_id, '') = coalesce(:order_id, '')
    AND coalesce(o.goods, '') = coalesce(:goods, '') AND coalesce(o.sold_at, 0) = coalesce(CAST(:sold_at AS BIGINT), 0)
    AND coalesce(o.notice_no, 0) = coalesce(CAST(:notice_no AS BIGINT), 0)
    AND coalesce(o.notice_at, 0) = coalesce(CAST(:notice_at AS BIGINT), 0))
