"""Quick answers for pages: how old they may be, what makes them old, how many are kept."""

from collections.abc import Callable, Iterator

import pytest

from schwung.app import fresh
from schwung.app.fresh import forget_cached, renewed
from schwung.app.report import cached_compare, cached_measure
from schwung.app.wiring import Workspace
from schwung.core.clock import SECOND
from tests import cast
from tests.conftest import FrozenClock


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace]) -> Iterator[Workspace]:
    forget_cached()
    workspace = new_workspace()
    cast.fill(workspace)
    yield workspace
    forget_cached()


def test_age_and_freshness(shop: Workspace, clock: FrozenClock) -> None:
    first = cached_measure(shop, "revenue")
    assert (first.age, first.value.row.estimate.value) == (0, cast.REVENUE)
    clock.advance(10)
    again = cached_measure(shop, "revenue")
    assert again.value is first.value and again.age == 10 * SECOND
    clock.advance(3600)
    assert cached_measure(shop, "revenue").age == 0, "nothing was published, so it is still true"
    cast.send(shop, [cast.order("B9", "2026-11-19 10:00", 8, user="ben")])
    cast.mirror(shop)
    clock.advance(10)
    assert cached_measure(shop, "revenue").value.row.estimate.value == cast.REVENUE, "up to 30 s old as it is"
    clock.advance(25)
    assert cached_measure(shop, "revenue").age == 35 * SECOND, "shown, and refreshed behind it"
    renewed()
    assert cached_measure(shop, "revenue").value.row.estimate.value == cast.REVENUE + 8
    cast.send(shop, [cast.order("B10", "2026-11-19 11:00", 2, user="ben")])
    cast.mirror(shop)
    clock.advance(61)
    assert cached_measure(shop, "revenue").value.row.estimate.value == cast.REVENUE + 10, "never older than 60 s"


def test_questions_are_told_apart_and_bounded(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh, "_MOST_CACHED", 2)
    month = cached_measure(shop, "revenue", by="month").value
    assert month is not cached_measure(shop, "revenue").value
    assert cached_compare(shop, "revenue").value.now.row.estimate.value == cast.REVENUE_28_DAYS
    assert len(fresh._cache) == 2
    assert cached_measure(shop, "revenue", by="month").value is not month, "the oldest question was dropped"
