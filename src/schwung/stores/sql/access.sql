-- name: operators
SELECT operator_id, email, name, role, language, created_at, seen_at, password_hash IS NOT NULL AS has_password
FROM operator ORDER BY operator_id;

-- name: operator
SELECT operator_id, email, name, role, language, created_at, seen_at, password_hash
FROM operator WHERE operator_id = :operator_id;

-- name: operator_by_email
SELECT operator_id, email, name, role, language, created_at, seen_at, password_hash
FROM operator WHERE email = :email;

-- name: owner_count
SELECT count(*) AS owners FROM operator WHERE role = 'owner';

-- name: next_operator_id
SELECT coalesce(max(operator_id), 0) + 1 AS operator_id FROM operator;

-- name: add_operator
INSERT INTO operator (operator_id, email, name, role, password_hash, created_at)
VALUES (:operator_id, :email, :name, :role, :password_hash, :created_at);

-- name: set_role
UPDATE operator SET role = :role WHERE operator_id = :operator_id;

-- name: set_account
UPDATE operator SET email = :email, name = :name WHERE operator_id = :operator_id;

-- name: set_password
UPDATE operator SET password_hash = :password_hash WHERE operator_id = :operator_id;

-- name: set_language
UPDATE operator SET language = :language WHERE operator_id = :operator_id;

-- name: seen
UPDATE operator SET seen_at = :seen_at WHERE operator_id = :operator_id;

-- name: remove_operator
DELETE FROM operator WHERE operator_id = :operator_id;

-- name: add_session
INSERT INTO operator_session (token_hash, session_no, operator_id, device, created_at, seen_at, expires_at, lasts)
VALUES (:token_hash, :session_no, :operator_id, :device, :seen_at, :seen_at, :expires_at, :lasts);

-- name: session
SELECT s.session_no, s.seen_at AS session_seen_at, s.expires_at, s.lasts,
    o.operator_id, o.email, o.name, o.role, o.language, o.password_hash IS NOT NULL AS has_password
FROM operator_session AS s INNER JOIN operator AS o ON o.operator_id = s.operator_id
WHERE s.token_hash = :token_hash AND s.expires_at > :now;

-- name: sessions_of
SELECT session_no, device, created_at, seen_at, expires_at
FROM operator_session WHERE operator_id = :operator_id AND expires_at > :now ORDER BY seen_at DESC, session_no DESC;

-- name: touch_session
UPDATE operator_session SET seen_at = :seen_at, expires_at = :expires_at WHERE token_hash = :token_hash;

-- name: end_session
DELETE FROM operator_session WHERE token_hash = :token_hash;

-- name: end_session_no
DELETE FROM operator_session WHERE operator_id = :operator_id AND session_no = :session_no;

-- name: end_sessions_of
DELETE FROM operator_session WHERE operator_id = :operator_id;

-- name: end_other_sessions
DELETE FROM operator_session WHERE operator_id = :operator_id AND token_hash <> :token_hash;

-- name: end_expired_sessions
DELETE FROM operator_session WHERE expires_at <= :now;

-- name: add_link
INSERT INTO one_time_link (token_hash, operator_id, purpose, created_at, expires_at)
VALUES (:token_hash, :operator_id, :purpose, :created_at, :expires_at);

-- name: link
SELECT operator_id, purpose FROM one_time_link WHERE token_hash = :token_hash AND expires_at > :now;

-- name: use_link
DELETE FROM one_time_link WHERE token_hash = :token_hash AND expires_at > :now;

-- name: forget_links_of
DELETE FROM one_time_link WHERE operator_id = :operator_id;

-- name: forget_first_links
DELETE FROM one_time_link WHERE purpose = 'first';

-- name: forget_old_links
DELETE FROM one_time_link WHERE expires_at <= :now;

-- name: attempts
SELECT count(*) AS attempts, max(tried_at) AS last_at FROM sign_in_attempt
WHERE key_hash = :key_hash AND tried_at > :since AND attempt_id <> :attempt_id;

-- name: add_attempt
INSERT INTO sign_in_attempt (attempt_id, key_hash, tried_at) VALUES (:attempt_id, :key_hash, :tried_at);

-- name: forget_attempt
DELETE FROM sign_in_attempt WHERE key_hash = :key_hash AND attempt_id = :attempt_id;

-- name: forget_attempts
DELETE FROM sign_in_attempt WHERE key_hash = :key_hash;

-- name: forget_old_attempts
DELETE FROM sign_in_attempt WHERE tried_at <= :until;
