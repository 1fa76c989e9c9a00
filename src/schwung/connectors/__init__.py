"""Where data comes from, one file each."""
