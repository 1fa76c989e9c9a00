-- What a step does to a customer happens once for each time that the way comes there. since: the instant of that; 0: as its row says.
'journey:' || e.journey_no || '/enrollment:' || e.enrollment_no || '/' || :step_id || '/'
    || CASE WHEN :since > 0 THEN :since ELSE e.since_at END
