"""Acting: what is done to whom, and the proof of what it brought."""
