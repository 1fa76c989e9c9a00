"""Kinds of import, one file each."""
