"""Long work on many rows, without Python's collector of cycles walking through all of them again and again."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bulk() -> Iterator[Callable[[], object]]:
    """Cycles are collected when the yielded function is called, between batches, and not by themselves.

    A fifth of the time of a simulation went there. Within another `bulk` the outer one decides.
    """
    is_outer = gc.isenabled()
    gc.disable()
    try:
        yield _collect_young if is_outer else _leave
    finally:
        if is_outer:
            gc.enable()


def _collect_young() -> None:
    gc.collect(1)


def _leave() -> None:
    pass
