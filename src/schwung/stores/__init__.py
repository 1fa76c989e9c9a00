"""The operational store: what must change together and at once."""
