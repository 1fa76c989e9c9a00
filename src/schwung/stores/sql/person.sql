-- name: mirrored_chunks
SELECT chunk_no FROM chunk WHERE batch_no IS NOT NULL ORDER BY chunk_no

-- name: chunk_body
SELECT body FROM chunk WHERE chunk_no = :chunk_no

-- name: replace_chunk
UPDATE chunk SET body = :body WHERE chunk_no = :chunk_no

-- name: newer_chunks
-- Received, and not in the lake as of a snapshot.
SELECT first_event_no, body FROM chunk WHERE batch_no IS NULL OR batch_no > :batch_no ORDER BY first_event_no

-- name: quarantine
SELECT quarantine_no, name, reason, received_at, body FROM quarantine ORDER BY quarantine_no

-- name: delete_quarantine
DELETE FROM quarantine WHERE quarantine_no IN integers(:numbers)

-- name: customers_ever
-- Every customer that some identifiers ever belonged to.
SELECT customer_id FROM identifier WHERE identifier_id IN integers(:identifier_ids)
UNION
SELECT from_customer_id FROM move WHERE identifier_id IN integers(:identifier_ids)
UNION
SELECT to_customer_id FROM move WHERE identifier_id IN integers(:identifier_ids)

-- name: bury
INSERT INTO tombstone (mark, erased_at) VALUES (:mark, :now) ON CONFLICT DO NOTHING

-- name: exhume
DELETE FROM tombstone WHERE mark = :mark

-- name: request
INSERT INTO erasure (erasure_no, state, plan, requested_at) VALUES (:erasure_no, 'open', :plan, :now)

-- name: unfinished
SELECT erasure_no, state, plan, report, requested_at FROM erasure WHERE state <> 'done' ORDER BY erasure_no

-- name: of_batch
SELECT erasure_no, state, plan, report, requested_at FROM erasure WHERE erasure_no = :batch_no

-- name: strike
-- The rows are gone; the bytes go next.
UPDATE erasure SET state = 'struck', plan = '{}', report = :report WHERE erasure_no = :erasure_no

-- name: finish
UPDATE erasure SET state = 'done', report = :report, done_at = :now WHERE erasure_no = :erasure_no

-- name: delete_identifier
DELETE FROM identifier WHERE identifier_id IN integers(:identifier_ids)

-- name: delete_message_fate
DELETE FROM message_fate WHERE message_no IN (SELECT message_no FROM message WHERE customer_id IN integers(:identifier_ids))

-- name: delete_message_touch
DELETE FROM message_touch WHERE message_no IN (SELECT message_no FROM message WHERE customer_id IN integers(:identifier_ids))

-- name: delete_message
DELETE FROM message WHERE customer_id IN integers(:identifier_ids)

-- name: delete_link
DELETE FROM link WHERE low_id IN integers(:identifier_ids) OR high_id IN integers(:identifier_ids)

-- name: delete_kept_apart
DELETE FROM kept_apart WHERE low_id IN integers(:identifier_ids) OR high_id IN integers(:identifier_ids)

-- name: delete_move
DELETE FROM move WHERE identifier_id IN integers(:identifier_ids)

-- name: delete_trait
DELETE FROM trait WHERE identifier_id IN integers(:identifier_ids)

-- name: delete_consent
DELETE FROM consent WHERE identifier_id IN integers(:identifier_ids)

-- name: delete_double_opt_in
DELETE FROM double_opt_in
WHERE address IN (SELECT value FROM identifier WHERE kind = 'email' AND identifier_id IN integers(:identifier_ids))

-- name: delete_own_customer
DELETE FROM own_customer WHERE identifier_id IN integers(:identifier_ids)

-- name: delete_membership
DELETE FROM membership WHERE identifier_id IN integers(:identifier_ids)

-- name: delete_exposure
DELETE FROM exposure WHERE identifier_id IN integers(:identifier_ids)

-- name: delete_enrollment
DELETE FROM enrollment WHERE customer_id IN integers(:identifier_ids)

-- name: delete_heard
DELETE FROM heard WHERE customer_id IN integers(:identifier_ids)

-- name: delete_journey_refusal
DELETE FROM journey_refusal WHERE customer_id IN integers(:identifier_ids)

-- name: delete_task
DELETE FROM task WHERE customer_id IN integers(:identifier_ids)

-- name: delete_webhook_call
DELETE FROM webhook_call WHERE customer_id IN integers(:identifier_ids)

-- name: delete_opt_out
DELETE FROM opt_out WHERE identifier_id IN integers(:identifier_ids)

-- name: delete_suppression
DELETE FROM suppression WHERE identifier_id IN integers(:identifier_ids)

-- name: delete_touched
DELETE FROM touched WHERE customer_id IN integers(:customer_ids)

-- name: unblock
DELETE FROM blocked_value WHERE kind = :kind AND value = :value

-- name: empty_audit
-- That somebody looked stays; what they noted goes.
UPDATE audit SET details = '{}' WHERE customer_id IN integers(:customer_ids)

-- name: add_fresh
-- The holder of an erased person's orders: nobody.
INSERT INTO identifier (identifier_id, kind, value, customer_id, source, first_seen_at, batch_no)
VALUES (:identifier_id, 'erased', :value, :identifier_id, '', :first_seen_at, :batch_no)

-- name: erased_among
SELECT identifier_id FROM identifier WHERE identifier_id IN integers(:customer_ids) AND kind = 'erased'

-- name: erased
SELECT identifier_id FROM identifier WHERE kind = 'erased' ORDER BY identifier_id

-- name: unfinished_import
SELECT import_no FROM import_run WHERE state IN ('waiting', 'reading', 'writing') LIMIT 1

-- name: newest_waiting
SELECT max(chunk_no) FROM chunk WHERE batch_no IS NULL

-- name: is_waiting
SELECT count(*) FROM chunk WHERE batch_no IS NULL AND chunk_no <= :chunk_no

-- name: delete_open_cart
DELETE FROM open_cart WHERE cart_key IN (SELECT cart_key FROM open_cart WHERE identifier_id IN integers(:identifier_ids))
