"""Engines that read the lake, one file each."""

import ibis

# Ibis would merge a select with the one below it: most of what compiling costs, and the engines' planners do it anyway.
ibis.options.sql.fuse_selects = False
