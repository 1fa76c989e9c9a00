"""The lake: facts as open Delta tables, append-only, read at published snapshots."""
