-- name: see
INSERT INTO seen (key)
SELECT substr(:keys, n * 14 + 1, 14) FROM generate_series(0, :count - 1) AS n
ON CONFLICT DO NOTHING

-- name: seen_places
SELECT n FROM generate_series(0, :count - 1) AS n JOIN seen ON seen.key = substr(:keys, n * 14 + 1, 14)
