"""What a fault run finds: what was done, what must hold, what happened."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """ok None: could not be tried here, `happened` says why."""

    fault: str
    must: str
    happened: str
    ok: bool | None


def tried(fault: str, must: str, act: Callable[[], Finding]) -> Finding:
    """The finding of `act`; an exception is a failure with its text."""
    try:
        return act()
    except Exception as error:
        return Finding(fault, must, f"{type(error).__name__}: {error}"[:600], False)
