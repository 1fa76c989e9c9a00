"""Findings: what the numbers say when they are read together. One rule a file in `rules/`."""
