-- What `act.legality.judge` says, over rows of `due`: message_no (any number of theirs), purpose, is_advertising, channel, chosen,
-- customer_id, kind (of address), topic. Best address first: place 1 of `verdict` counts.
address AS (
  SELECT d.*, a.identifier_id, a.first_seen_at, EXISTS (
      SELECT 1 FROM suppression s WHERE s.identifier_id = a.identifier_id AND s.lifted_at IS NULL
        AND s.channel IN ('any', d.channel) AND (d.is_advertising = 1 OR s.reason <> 'complained')) AS is_dead
  FROM due d LEFT JOIN identifier a ON a.customer_id = d.customer_id AND CASE WHEN d.kind = '' THEN a.identifier_id = d.customer_id
    ELSE a.kind = d.kind AND a.retired_at IS NULL
      AND (d.purpose <> 'double_opt_in' OR d.chosen IS NULL OR d.chosen = a.identifier_id) END
), statement AS (
  SELECT a.message_no, a.identifier_id, c.state, c.expires_at, c.proof, c.confirmed_at, row_number() OVER (
      PARTITION BY a.message_no, a.identifier_id
      ORDER BY c.given_at DESC, CASE c.state WHEN 'granted' THEN 1 ELSE 0 END, c.consent_no DESC) AS place
  FROM address a JOIN identifier i ON i.customer_id = a.customer_id JOIN consent c ON c.identifier_id = i.identifier_id
  WHERE a.is_advertising = 1 AND c.purpose = a.purpose AND c.channel IN ('any', a.channel) AND c.given_at <= :now
    AND (c.state <> 'granted' OR (c.legal_basis = 'consent'
      AND (c.identifier_id = a.identifier_id OR a.kind = '' OR i.kind <> a.kind)))
), lacking AS (
  SELECT message_no, identifier_id, confirmed_at, CASE WHEN state <> 'granted' THEN state
      WHEN expires_at IS NOT NULL AND expires_at <= :now THEN 'expired'
      WHEN trim(coalesce(proof, '')) = '' THEN 'no_proof' ELSE '' END AS reason
  FROM statement WHERE place = 1
), said AS (
  SELECT a.*, coalesce(l.reason, 'no_consent') AS lacking,
    CASE WHEN l.reason = '' THEN coalesce(l.confirmed_at, -1) ELSE -1 END AS confirmed_at
  FROM address a LEFT JOIN lacking l ON l.message_no = a.message_no AND l.identifier_id = a.identifier_id
), refusal AS (
  SELECT s.message_no, s.identifier_id, max(CASE o.topic WHEN 'objection' THEN 2 ELSE 1 END) AS kind_of_no
  FROM said s JOIN identifier i ON i.customer_id = s.customer_id JOIN opt_out o ON o.identifier_id = i.identifier_id
  WHERE s.is_advertising = 1 AND o.lifted_at IS NULL AND o.channel IN ('any', s.channel)
    AND o.topic IN ('objection', 'advertising', s.topic) AND s.confirmed_at <= o.opted_out_at
  GROUP BY s.message_no, s.identifier_id
), owned AS (
  SELECT s.message_no, s.identifier_id, max(CASE WHEN o.order_id IS NOT NULL AND o.goods IS NOT NULL
      AND o.notice_no IS NOT NULL AND o.notice_at <= o.sold_at AND o.sold_at <= :now AND NOT EXISTS (
        SELECT 1 FROM identifier i JOIN consent c ON c.identifier_id = i.identifier_id
        WHERE i.customer_id = s.customer_id AND c.state <> 'granted' AND c.purpose IN (s.purpose, 'advertising')
          AND c.channel IN ('any', 'email') AND c.given_at BETWEEN o.sold_at AND :now) THEN 1 ELSE 0 END) AS is_complete
  FROM said s JOIN own_customer o ON o.identifier_id = s.identifier_id
  WHERE s.is_advertising = 1 AND s.channel = 'email' AND s.purpose IN ('advertising', 'newsletter', 'cart_reminder', 'survey')
  GROUP BY s.message_no, s.identifier_id
), judged AS (
  SELECT s.message_no, s.identifier_id, s.first_seen_at, s.chosen, CASE
      WHEN s.customer_id IS NULL AND s.purpose = 'double_opt_in' AND s.is_advertising = 0 AND EXISTS (
        SELECT 1 FROM double_opt_in q JOIN message m ON m.message_key = q.message_key WHERE m.message_no = s.message_no) THEN ''
      WHEN s.customer_id IS NULL THEN 'gone'
      WHEN s.is_advertising = 0 AND s.channel <> 'webhook' AND s.purpose NOT IN texts(:transactional) THEN 'not_transactional'
      WHEN s.is_advertising = 1 AND s.purpose NOT IN texts(:advertising) THEN 'unknown_purpose'
      WHEN s.identifier_id IS NULL THEN 'no_address'
      WHEN s.is_dead THEN 'suppressed'
      WHEN s.is_advertising = 0 THEN ''
      WHEN r.kind_of_no = 2 THEN 'objected'
      WHEN r.kind_of_no = 1 THEN 'opted_out'
      WHEN s.lacking = '' THEN ''
      WHEN s.channel IN ('letter', 'web') AND s.lacking NOT IN ('withdrawn', 'refused') THEN ''
      WHEN o.is_complete = 1 THEN ''
      WHEN o.is_complete = 0 AND s.lacking = 'no_consent' THEN 'not_own_customer'
      ELSE s.lacking END AS reason
  FROM said s
  LEFT JOIN refusal r ON r.message_no = s.message_no AND r.identifier_id = s.identifier_id
  LEFT JOIN owned o ON o.message_no = s.message_no AND o.identifier_id = s.identifier_id
), verdict AS (
  SELECT message_no, identifier_id, reason, row_number() OVER (PARTITION BY message_no ORDER BY
      CASE WHEN reason = '' THEN 0 ELSE 1 END, CASE WHEN reason = 'suppressed' THEN 1 ELSE 0 END,
      CASE WHEN identifier_id = chosen THEN 0 ELSE 1 END, first_seen_at DESC, identifier_id DESC) AS place
  FROM judged
)
