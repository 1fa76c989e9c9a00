-- Answers, messages, cases, subscriptions, leads and points of a file. Each row becomes events, one for each state that
-- it tells of; what they mean as facts, the projections say, as for events that are sent.

-- name: derived_answers
lower(coalesce(metric, 'other')) AS known_metric,
CASE lower(metric) WHEN 'nps' THEN 0 WHEN 'csat' THEN 1 WHEN 'ces' THEN 1 WHEN 'stars' THEN 1 END AS usual_low,
CASE lower(metric) WHEN 'nps' THEN 10 WHEN 'csat' THEN 5 WHEN 'ces' THEN 7 WHEN 'stars' THEN 5 END AS usual_high

-- name: problems_answers
WHEN known_metric NOT IN ('nps', 'csat', 'ces', 'stars', 'other') THEN 'metric:unknown_metric'
WHEN known_metric = 'nps' AND (value < 0 OR value > 10 OR value <> floor(value)) THEN 'value:not_on_scale'
WHEN known_metric <> 'nps' AND (value < coalesce(scale_low, usual_low) OR value > coalesce(scale_high, usual_high)) THEN 'value:not_on_scale'
WHEN phase NOT IN ('attract', 'interact', 'delight') THEN 'phase:unknown_phase'
WHEN lower(better) NOT IN ('higher', 'lower') THEN 'better:unknown_word'
WHEN weight < 0 THEN 'weight:below_zero'

-- name: typed_answers
key_of(concat_ws(chr(31), ${source}, answer_id, user_id, email, phone, card, anonymous_id, order_id, answered_at::VARCHAR)) AS key,
answer_id, answered_at AS happened_at, asked_at, user_id, email, phone, card, anonymous_id, survey_id, question_id, known_metric AS metric,
value::DOUBLE AS value, weight::DOUBLE AS weight, scale_low::DOUBLE AS scale_low, scale_high::DOUBLE AS scale_high, lower(better) AS better, phase, touchpoint, channel,
campaign, order_id, product_id, text, ${hash} AS content_hash

-- name: unfold_answers
SELECT key, line, CASE WHEN answer_id IS NOT NULL THEN concat_ws(chr(31), 'answer', answer_id, content_hash::VARCHAR) END AS event_id,
  CASE metric WHEN 'nps' THEN 'nps_answered' WHEN 'csat' THEN 'csat_answered' WHEN 'ces' THEN 'ces_answered' WHEN 'stars' THEN 'product_reviewed'
    ELSE 'survey_answered' END AS name,
  happened_at, user_id, email, phone, card, anonymous_id, order_id, product_id, NULL::BIGINT AS amount_minor, NULL::VARCHAR AS currency, channel, campaign,
  json_merge_patch('{}', json_object('answer_id', answer_id, 'survey_id', survey_id, 'question_id', question_id, 'metric', metric,
    'rating', CASE WHEN metric = 'stars' THEN value END, 'score', CASE WHEN metric <> 'stars' THEN value END, 'scale_low', scale_low,
    'scale_high', scale_high, 'better', better, 'phase', phase, 'touchpoint', touchpoint, 'channel', channel, 'order_id', order_id,
    'product_id', product_id, 'weight', weight, 'comment', text, 'asked_at', iso(asked_at)))::VARCHAR AS extra
FROM part

-- name: derived_messages
1 AS one

-- name: typed_messages
CASE WHEN message_id IS NOT NULL THEN key_of(${source} || chr(31) || message_id)
  ELSE key_of(concat_ws(chr(31), ${source}, 'of', campaign, user_id, email, phone, card, anonymous_id, sent_at::VARCHAR)) END AS key, message_id, sent_at AS happened_at, sent_at, delivered_at, opened_at, clicked_at, bounced_at, complained_at,
unsubscribed_at, user_id, email, phone, card, anonymous_id, lower(channel) AS channel, campaign, ${hash} AS content_hash

-- name: unfold_messages
SELECT key, line, concat_ws(chr(31), 'message', coalesce(message_id, key::VARCHAR), state, moment::VARCHAR) AS event_id, state AS name, moment AS happened_at, user_id, email, phone, card,
  anonymous_id, NULL::VARCHAR AS order_id, NULL::VARCHAR AS product_id, NULL::BIGINT AS amount_minor, NULL::VARCHAR AS currency, NULL::VARCHAR AS channel, campaign,
  json_merge_patch('{}', json_object('message_id', message_id, 'channel', coalesce(channel, 'email'), 'campaign_name', campaign))::VARCHAR AS extra
FROM (SELECT *, unnest(['email_sent', 'email_delivered', 'email_opened', 'email_link_clicked', 'email_bounced', 'email_marked_as_spam', 'email_unsubscribed']) AS state,
    unnest([sent_at, delivered_at, opened_at, clicked_at, bounced_at, complained_at, unsubscribed_at]) AS moment FROM part)
WHERE moment IS NOT NULL

-- name: derived_cases
CASE WHEN lower(kind) IN ('complaint', 'beschwerde', 'reklamation') THEN 'complaint' WHEN lower(kind) IN ('question', 'frage', 'anfrage') THEN 'question'
  WHEN lower(kind) IN ('request', 'anliegen', 'wunsch', 'service') THEN 'request' ELSE lower(kind) END AS known_kind

-- name: problems_cases
WHEN known_kind NOT IN ('complaint', 'question', 'request') THEN 'kind:unknown_word'

-- name: typed_cases
key_of(${source} || chr(31) || case_id) AS key, case_id, opened_at AS happened_at, opened_at, answered_at, resolved_at, closed_at, user_id, email, phone, card,
anonymous_id, known_kind AS kind, cause, channel, order_id, text, ${hash} AS content_hash

-- name: unfold_cases
SELECT key, line, concat_ws(chr(31), 'case', case_id, state, moment::VARCHAR, CASE WHEN state = 'case_opened' THEN concat_ws(chr(30), kind, cause, text) END) AS event_id,
  state AS name, moment AS happened_at, user_id, email, phone, card, anonymous_id, order_id, NULL::VARCHAR AS product_id, NULL::BIGINT AS amount_minor,
  NULL::VARCHAR AS currency, NULL::VARCHAR AS channel, NULL::VARCHAR AS campaign,
  json_merge_patch('{}', json_object('case_id', case_id, 'kind', CASE WHEN state = 'case_opened' THEN kind END,
    'reason', CASE WHEN state = 'case_opened' THEN cause END, 'channel', channel, 'order_id', order_id,
    'subject', CASE WHEN state = 'case_opened' THEN text END))::VARCHAR AS extra
FROM (SELECT *, unnest(['case_opened', 'case_answered', 'case_resolved', 'case_closed']) AS state,
    unnest([opened_at, answered_at, resolved_at, closed_at]) AS moment FROM part)
WHERE moment IS NOT NULL

-- name: derived_subscriptions
minor(price, currency) AS price_minor

-- name: problems_subscriptions
WHEN price IS NOT NULL AND price_minor IS NULL THEN 'price:too_large'

-- name: typed_subscriptions
key_of(${source} || chr(31) || subscription_id) AS key, subscription_id, coalesce(trial_at, started_at) AS happened_at, trial_at, started_at, cancelled_at, ended_at,
user_id, email, phone, card, anonymous_id, plan, period, plain(price) AS price, currency, price_minor AS amount_minor, ${hash} AS content_hash

-- name: unfold_subscriptions
SELECT key, line, concat_ws(chr(31), 'subscription', subscription_id, state, moment::VARCHAR, plan, period, price) AS event_id, state AS name,
  moment AS happened_at, user_id, email, phone, card, anonymous_id, NULL::VARCHAR AS order_id, NULL::VARCHAR AS product_id, amount_minor,
  CASE WHEN amount_minor IS NOT NULL THEN currency END AS currency, NULL::VARCHAR AS channel, NULL::VARCHAR AS campaign,
  json_merge_patch('{}', json_object('subscription_id', subscription_id, 'plan', plan, 'period', period, 'price', price, 'currency', currency))::VARCHAR AS extra
FROM (SELECT *, unnest(['trial_started', 'subscription_started', 'subscription_cancelled', 'subscription_ended']) AS state,
    unnest([trial_at, started_at, cancelled_at, ended_at]) AS moment FROM part)
WHERE moment IS NOT NULL

-- name: derived_leads
1 AS one

-- name: typed_leads
key_of(${source} || chr(31) || lead_id) AS key, lead_id, captured_at AS happened_at, captured_at, qualified_at, handed_over_at, converted_at, lost_at, user_id, email,
phone, card, anonymous_id, score::DOUBLE AS score, channel, campaign, ${hash} AS content_hash

-- name: unfold_leads
SELECT key, line, concat_ws(chr(31), 'lead', lead_id, state, moment::VARCHAR) AS event_id, state AS name, moment AS happened_at, user_id, email, phone, card,
  anonymous_id, NULL::VARCHAR AS order_id, NULL::VARCHAR AS product_id, NULL::BIGINT AS amount_minor, NULL::VARCHAR AS currency, channel, campaign,
  json_merge_patch('{}', json_object('lead_id', lead_id, 'score', score, 'channel', channel))::VARCHAR AS extra
FROM (SELECT *, unnest(['lead_captured', 'lead_qualified', 'lead_handed_over', 'lead_converted', 'lead_lost']) AS state,
    unnest([captured_at, qualified_at, handed_over_at, converted_at, lost_at]) AS moment FROM part)
WHERE moment IS NOT NULL

-- name: derived_points
CASE WHEN lower(kind) IN ('joined', 'join', 'enrolled', 'beitritt', 'angemeldet') THEN 'loyalty_joined'
  WHEN lower(kind) IN ('earned', 'earn', 'credit', 'gesammelt', 'gutschrift') THEN 'points_earned'
  WHEN lower(kind) IN ('redeemed', 'redeem', 'spent', 'debit', 'eingelöst', 'einloesung', 'einlösung') THEN 'points_redeemed'
  WHEN lower(kind) IN ('expired', 'expire', 'verfallen', 'verfall') THEN 'points_expired'
  WHEN lower(kind) IN ('adjusted', 'adjustment', 'correction', 'berichtigt', 'korrektur') THEN 'points_adjusted' END AS entry_name

-- name: problems_points
WHEN entry_name IS NULL THEN 'kind:unknown_word' WHEN points <> floor(points) OR abs(points) > 1e12 THEN 'points:no_whole_number'

-- name: typed_points
key_of(concat_ws(chr(31), ${source}, entry_id, user_id, email, phone, card, anonymous_id, happened_at::VARCHAR)) AS key, entry_id, happened_at, entry_name, user_id,
email, phone, card, anonymous_id, points::BIGINT AS points, expires_on, order_id, ${hash} AS content_hash

-- name: unfold_points
SELECT key, line, CASE WHEN entry_id IS NOT NULL THEN concat_ws(chr(31), 'points', entry_id, content_hash::VARCHAR) END AS event_id, entry_name AS name, happened_at,
  user_id, email, phone, card, anonymous_id, order_id, NULL::VARCHAR AS product_id, NULL::BIGINT AS amount_minor, NULL::VARCHAR AS currency, NULL::VARCHAR AS channel,
  NULL::VARCHAR AS campaign,
  json_merge_patch('{}', json_object('entry_id', entry_id, 'points', points, 'expires_on', expires_on, 'order_id', order_id))::VARCHAR AS extra
FROM part

-- name: unfold
CREATE OR REPLACE TEMP TABLE part AS
SELECT u.*, key_of(${source} || chr(31) || order_id) AS order_key FROM (${unfolded}) u

-- name: sum_rows
SELECT count(*) AS rows, min(happened_at) AS first_at, max(happened_at) AS last_at FROM read_parquet(${files})
