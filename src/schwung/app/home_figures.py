"""The home page's figures, asked before anybody looks: the answers are kept in the store, the statements lie compiled for
this day and the next, so that no server begins with an empty page and no midnight makes it compile all anew."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import date, timedelta
from functools import partial

from schwung.app.analyses.diagnosis import cached_diagnosis
from schwung.app.analyses.flywheel import cached_flywheel
from schwung.app.facts import as_of
from schwung.app.fresh import Cached, aside, forget_cached, is_kept
from schwung.app.lasting import is_worth_it
from schwung.app.log import described, log
from schwung.app.publish import newest_snapshot
from schwung.app.report import PAGE_DAYS, cached_compare, cached_measure, first_day
from schwung.app.wiring import Workspace, compiling_ahead
from schwung.core.clock import DAY
from schwung.core.period import day_of, first_day_of
from schwung.core.priority import yielding
from schwung.measure.metrics import METRICS

TILES = (
    "revenue",
    "new_customers",
    "customer_acquisition_cost",
    "clv_cac_ratio",
    "repeat_purchase_rate",
    "churn_rate",
    "nps",
)
COUNTED = {"attract": "new_customers", "interact": "orders", "delight": "nps"}
"""What happened in each phase of the wheel."""
WEEKS = 52
_WAIT = 60.0
"""Seconds after which a process asks what nobody has asked: a page that waits just then does not share the cores with it."""
_since: dict[str, float] = {}


def tile_since(today: date) -> date:
    """The first day of a tile's course; those of the other courses below."""
    return date(today.year - 2, today.month, 1)


def revenue_since(today: date) -> date:
    return first_day_of(today, "week") - timedelta(weeks=2 * WEEKS)


def cohorts_since(today: date) -> date:
    return date(today.year - 1, today.month, 1)


def ask_home(workspace: Workspace) -> None:
    """All of them, of the usual period; then once more as tomorrow will ask, whose answers count for nothing."""
    with workspace.store.read() as tx:
        snapshot = newest_snapshot(tx)
    if snapshot is None or "orders" not in snapshot.tables:
        return
    tomorrow = workspace.later(DAY)
    days = [day_of(as_of(one, snapshot), workspace.settings.workspace.zone) for one in (workspace, tomorrow)]
    try:
        yielding(lambda: _ask(_questions(workspace, days[0]), nullcontext()))
        if days[0] != days[1]:
            yielding(lambda: _ask(_questions(tomorrow, days[1]), aside()))
    finally:
        forget_cached()


def _ask(questions: Iterable[Callable[[], object]], how: AbstractContextManager[object]) -> None:
    """Who looks at the page is told why one fails; the others are asked all the same."""
    with compiling_ahead(), how:
        for question in questions:
            try:
                question()
            except Exception as error:
                log("figure_failed", level="warning", **described(error))


def ask_missing(workspace: Workspace) -> bool:
    """`ask_home` where facts are many and no answer of this code and these settings is kept; tried once a process."""
    began = _since.setdefault(str(workspace.folder), time.monotonic())
    if began < 0 or time.monotonic() - began < _WAIT:
        return False
    _since[str(workspace.folder)] = -1.0
    if not is_worth_it(workspace) or is_kept(workspace, ("flywheel", PAGE_DAYS, None, 0)):
        return False
    ask_home(workspace)
    return True


def _questions(workspace: Workspace, today: date) -> Iterator[Callable[[], Cached | date | None]]:
    yield partial(first_day, workspace)
    yield partial(cached_flywheel, workspace, days=PAGE_DAYS)
    for name in dict.fromkeys((*TILES, *COUNTED.values())):
        yield partial(cached_compare, workspace, name, days=METRICS[name].window_days or PAGE_DAYS)
    for name in TILES:
        yield partial(cached_measure, workspace, name, by="month", since=tile_since(today))
    yield partial(cached_measure, workspace, "revenue", by="week", since=revenue_since(today))
    yield partial(cached_compare, workspace, "growth_accounting", days=PAGE_DAYS)
    yield partial(cached_compare, workspace, "acquired_customers", days=PAGE_DAYS)
    yield partial(cached_measure, workspace, "cohort_retention", since=cohorts_since(today))
    yield partial(cached_measure, workspace, "customers_by_kind")
    yield partial(cached_diagnosis, workspace, days=PAGE_DAYS)
