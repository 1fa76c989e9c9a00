-- name: all
SELECT list_no, name, note, origin, basis, size, created_by, created_at FROM saved_list
WHERE origin = 'persona' AND deleted_at IS NULL ORDER BY size DESC, list_no

-- name: set_basis
UPDATE saved_list SET basis = :basis, size = :size, name = :name WHERE list_no = :list_no

-- name: end
UPDATE saved_list SET deleted_at = :now, size = 0 WHERE list_no = :list_no

-- name: leave
DELETE FROM membership WHERE list_no = :list_no AND identifier_id IN integers(:identifier_ids)

-- name: ask
INSERT INTO persona_run (state, asked_by, asked_at) VALUES ('asked', :asked_by, :now) RETURNING run_no

-- name: asked
SELECT run_no, asked_by, asked_at FROM persona_run WHERE state = 'asked' ORDER BY run_no LIMIT 1

-- name: close_run
UPDATE persona_run SET state = :state, computed_at = :now, result = :result WHERE run_no = :run_no

-- name: newest_run
SELECT run_no, state, asked_by, asked_at, computed_at, result FROM persona_run
WHERE state <> 'asked' ORDER BY run_no DESC LIMIT 1

-- name: newest_done
SELECT run_no, computed_at, result FROM persona_run WHERE state = 'done' ORDER BY run_no DESC LIMIT 1

-- name: add_size
INSERT INTO persona_size (run_no, list_no, size, share) VALUES (:run_no, :list_no, :size, :share)

-- name: sizes
SELECT s.list_no, r.computed_at, s.size, s.share FROM persona_size s JOIN persona_run r ON r.run_no = s.run_no
ORDER BY s.list_no, r.computed_at
