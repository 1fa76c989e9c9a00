-- name: simulation
SELECT laws, block_count, blocks_done, event_count, order_count, done_at FROM simulation WHERE simulation_no = 1

-- name: begin
INSERT INTO simulation (simulation_no, laws, block_count, customer_count, started_at)
VALUES (1, :laws, :block_count, :customer_count, :now)

-- name: advance
UPDATE simulation
SET blocks_done = :blocks_done, event_count = event_count + :events, order_count = order_count + :orders
WHERE simulation_no = 1

-- name: finish
UPDATE simulation SET done_at = :now WHERE simulation_no = 1
