"""Pictures, letters, sheets: what leaves the system to be looked at."""
