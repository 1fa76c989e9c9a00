-- name: claim
UPDATE message SET state = 'claimed', claim_token = :token, claimed_by = :sender, claimed_at = :now, called_at = NULL
WHERE message_no IN (
  SELECT message_no FROM message
  WHERE state = 'planned' AND channel = :channel AND is_advertising = :is_advertising AND due_at <= :now
  ORDER BY due_at, message_no LIMIT :most FOR UPDATE SKIP LOCKED)
