"""Tests. What they import and build lives long: the collector looks at it seldom, which saves a tenth."""

import gc

gc.set_threshold(50_000)
