-- name: all
SELECT currency, valid_from_on, rate FROM rate ORDER BY currency, valid_from_on

-- name: set
INSERT INTO rate (currency, valid_from_on, rate) VALUES (:currency, :valid_from_on, :rate)
ON CONFLICT (currency, valid_from_on) DO UPDATE SET rate = excluded.rate

-- name: remove
DELETE FROM rate WHERE currency = :currency AND valid_from_on = :valid_from_on
