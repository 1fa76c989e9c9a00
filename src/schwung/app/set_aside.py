"""A batch that fails again and again: the events that make it fail are found by halving, so that all others go on."""

from collections.abc import Callable, Mapping, Sequence
from weakref import WeakKeyDictionary

from schwung.app.ports import Store
from schwung.collect.event import Event
from schwung.collect.reason import Reason
from schwung.core.text import Text

TRIES = 5
"""Failures of one batch in one process; by the worker's pauses they lie half a minute apart."""
MOST = 20
"""More events than this at fault are no matter of the events: the batch waits, and doctor says why."""
_OF_DATA = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError, RecursionError)

Numbered = Sequence[tuple[int, Event]]
_failures: WeakKeyDictionary[Store, tuple[int, int]] = WeakKeyDictionary()


def is_due(store: Store, batch_no: int, error: Exception) -> bool:
    """Counts a failure of the batch; whether to look for events at fault: each fifth time, where they may be.

    Full disks, stores and lakes that are away, lost leases: those pass, and no event is to blame.
    """
    if not _may_lie_in_data(error):
        return False
    last, count = _failures.get(store, (batch_no, 0))
    count = count + 1 if last == batch_no else 1
    _failures[store] = (batch_no, count)
    return count % TRIES == 0


def unfit(numbered: Numbered, make: Callable[[Numbered], object]) -> Mapping[int, Reason]:
    """Numbers of the events without which `make` works, with what they cause. Empty where that does not help."""
    found: dict[int, Reason] = {}
    waiting = [numbered]
    while waiting:
        part = waiting.pop()
        error = _failure(part, make)
        if error is None:
            continue
        if len(part) == 1:
            found[part[0][0]] = _reason(error)
            if len(found) > MOST:
                return {}
        else:
            middle = len(part) // 2
            waiting += [part[middle:], part[:middle]]
    rest = [one for one in numbered if one[0] not in found]
    return found if found and _failure(rest, make) is None else {}


def _failure(part: Numbered, make: Callable[[Numbered], object]) -> Exception | None:
    try:
        make(part)
    except Exception as error:
        if not _may_lie_in_data(error):
            raise
        return error
    return None


def _may_lie_in_data(error: Exception) -> bool:
    """Databases have a DataError of their own each, by PEP 249."""
    return isinstance(error, _OF_DATA) or any(kind.__name__ == "DataError" for kind in type(error).__mro__)


def _reason(error: Exception) -> Reason:
    return Reason(
        "not_projected",
        Text(
            en="schwung fails at this event ({kind}). Please report that; after an update it can be put back.",
            de="schwung scheitert an diesem Ereignis ({kind}). Bitte melden; nach einem Update lässt es sich zurückholen.",
        ).fill(kind=type(error).__name__),
    )
