"""Engines that read the lake, one file each."""
