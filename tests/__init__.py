"""Tests. What they import and build lives long: the collector looks at it seldom, which saves an eighth of all time."""

import gc

gc.set_threshold(50_000)
