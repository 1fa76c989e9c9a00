"""Processes that live and die: forked from one that has imported everything already, so that a life starts at once."""

from collections.abc import Callable
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from typing import Any

# What lives import: once per run, in the process that they are forked from.
_PRELOAD = ["pandas", "schwung.app.buried", "schwung.app.customer_list", "schwung.app.mirror", "schwung.app.compact",
            "schwung.app.forget", "schwung.app.imports", "schwung.app.send_due", "schwung.app.worker", "schwung.lake.delta",
            "schwung.lake.engines.duckdb", "ibis.backends.duckdb", "tests.importing", "tests.conftest"]  # fmt: skip


@cache
def _context() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(_PRELOAD)
    return context


def begin(target: Callable[..., None], *args: Any) -> BaseProcess:
    """A process that runs `target`; the caller joins it and looks at its exit code: -9 when it killed itself."""
    life = _context().Process(target=target, args=args)
    life.start()
    return life


def live(target: Callable[..., None], *args: Any, seconds: float = 120) -> int:
    """Exit code of a process that ran `target` to its end."""
    life = begin(target, *args)
    life.join(seconds)
    if life.exitcode is None:
        life.kill()
        life.join()
        raise AssertionError(f"still alive after {seconds} seconds")
    return life.exitcode
