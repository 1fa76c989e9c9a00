-- name: source
SELECT source_id, name, kind, requires_consent, consent_categories, created_at, revoked_at FROM source WHERE name = :name

-- name: sources
SELECT source_id, name, kind, requires_consent, consent_categories, created_at, revoked_at FROM source ORDER BY name

-- name: add_source
INSERT INTO source (name, kind, requires_consent, consent_categories, created_at)
VALUES (:name, :kind, :requires_consent, :consent_categories, :now)
ON CONFLICT (name) DO NOTHING

-- name: change_source
UPDATE source SET requires_consent = :requires_consent, consent_categories = :consent_categories WHERE name = :name

-- name: add
INSERT INTO api_key (secret_hash, prefix, scopes, label, source_id, created_at)
VALUES (:secret_hash, :prefix, :scopes, :label, :source_id, :now)

-- name: by_hash
SELECT k.key_id, k.prefix, k.scopes, k.label, k.expires_at, k.revoked_at, k.last_used_at, s.name AS source, s.revoked_at AS source_revoked_at,
  s.requires_consent, s.consent_categories
FROM api_key k LEFT JOIN source s ON s.source_id = k.source_id
WHERE k.secret_hash = :secret_hash

-- name: by_prefix
SELECT k.key_id, k.prefix, k.scopes, k.label, k.source_id, k.expires_at, k.revoked_at, s.name AS source
FROM api_key k LEFT JOIN source s ON s.source_id = k.source_id
WHERE k.prefix = :prefix

-- name: all
SELECT k.key_id, k.prefix, k.scopes, k.label, k.created_at, k.expires_at, k.revoked_at, k.last_used_at, s.name AS source
FROM api_key k LEFT JOIN source s ON s.source_id = k.source_id
ORDER BY k.created_at DESC, k.key_id DESC

-- name: expire
UPDATE api_key SET expires_at = :expires_at WHERE prefix = :prefix AND (expires_at IS NULL OR expires_at > :expires_at)

-- name: revoke
UPDATE api_key SET revoked_at = :now WHERE prefix = :prefix AND revoked_at IS NULL

-- name: used
UPDATE api_key SET last_used_at = :now WHERE key_id = :key_id AND (last_used_at IS NULL OR last_used_at < :now)
