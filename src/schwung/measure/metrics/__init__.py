"""The dozen metrics, one file each."""
