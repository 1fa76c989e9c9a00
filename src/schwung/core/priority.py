"""Work that leaves the cores to others. On Linux each thread has its own priority; elsewhere nothing is changed."""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_NICENESS = 5
Made = TypeVar("Made")


def yield_to_others() -> None:
    """From now on this thread, and threads that it starts, come after the others of the machine."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def yielding(make: Callable[[], Made]) -> Made:
    """What `make` gives; threads that it starts yield to others."""
    with ThreadPoolExecutor(1, initializer=yield_to_others) as maker:
        return maker.submit(make).result()
