"""Waiting for what comes true by itself: as long as a crowded machine may need, and not longer than it takes."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(true: Callable[[], T], seconds: float = 90.0, every: float = 0.05) -> T:
    """What `true` answers as soon as it is something; AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(every)
    return found
