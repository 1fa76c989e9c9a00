"""Analyses of the whole relationship on a workspace's facts, one file each; for pages from the cache."""
