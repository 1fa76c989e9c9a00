-- In which state ways ended is counted with the moves, as step '*'; so far it was counted from the ways.

INSERT INTO journey_count (journey_no, step_id, outcome, arm, counted_on, customers)
SELECT journey_no, '*', state, arm, '', count(*) FROM enrollment WHERE state <> 'active' GROUP BY journey_no, state, arm;
