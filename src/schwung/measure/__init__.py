"""Every number defined once: metrics, their cuts and intervals, customer kinds, cohorts, growth."""
