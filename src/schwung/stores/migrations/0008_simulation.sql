-- How far the simulated shop of this workspace is. laws: JSON of the parameters; the same laws go on where they stopped.

CREATE TABLE simulation (
  simulation_no ${id},
  laws TEXT NOT NULL,
  block_count BIGINT NOT NULL,
  blocks_done BIGINT NOT NULL DEFAULT 0,
  customer_count BIGINT NOT NULL,
  event_count BIGINT NOT NULL DEFAULT 0,
  order_count BIGINT NOT NULL DEFAULT 0,
  started_at BIGINT NOT NULL,
  done_at BIGINT
);
