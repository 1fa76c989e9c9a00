"""Answers that survive a restart: shown with their age, replaced, gone after an erasure; and as they were computed."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from schwung.app import kept
from schwung.app.analyses import audit, diagnosis, flywheel, journey_map, lifecycle, retention_chain
from schwung.app.facts import Facts
from schwung.app.forget import forget
from schwung.app.fresh import NotAtHand, cached, forget_cached, only_at_hand
from schwung.app.report import cached_measure, compare, measure
from schwung.app.wiring import Workspace
from schwung.core.clock import SECOND
from tests import cast
from tests.conftest import FrozenClock
from tests.people import customer_of


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace]) -> Iterator[Workspace]:
    forget_cached()
    workspace = new_workspace()
    cast.fill(workspace)
    yield workspace
    forget_cached()


def _publish(shop: Workspace, order: str, amount: int) -> None:
    cast.send(shop, [cast.order(order, "2026-11-19 10:00", amount, user="ben")])
    cast.mirror(shop)


def test_after_a_restart_the_last_answer_is_shown_with_its_age(shop: Workspace, clock: FrozenClock) -> None:
    before = cached_measure(shop, "revenue").value
    forget_cached()
    clock.advance(3600)
    again = cached_measure(shop, "revenue")
    assert (again.value, again.age) == (before, 0), "nothing was published, so it is still true"
    _publish(shop, "B9", 8)
    forget_cached()
    with only_at_hand() as glance:
        shown = cached_measure(shop, "revenue")
    assert shown.value.row.estimate.value == cast.REVENUE and shown.age == 3600 * SECOND
    assert glance.is_due and glance.since == shop.clock() - 3600 * SECOND, "the page says so and asks again"
    assert cached_measure(shop, "revenue").value.row.estimate.value == cast.REVENUE + 8
    with only_at_hand() as glance:
        assert cached_measure(shop, "revenue").age == 0 and glance.since is None


def test_after_an_erasure_nothing_is_kept(shop: Workspace, clock: FrozenClock) -> None:
    cached_measure(shop, "revenue")
    forget(shop, customer_of(shop, "user_id", "ben") or 0, "test")
    clock.advance(61)
    with only_at_hand(), pytest.raises(NotAtHand):
        cached_measure(shop, "revenue")
    forget_cached()
    with only_at_hand(), pytest.raises(NotAtHand):
        cached_measure(shop, "revenue")


def test_what_cannot_be_kept_is_answered_all_the_same(shop: Workspace) -> None:
    def compute(facts: Facts) -> Any:
        return {1, 2}

    assert cached(shop, "odd", compute).value == {1, 2}
    forget_cached()
    with only_at_hand(), pytest.raises(NotAtHand):
        cached(shop, "odd", compute)


def _comes_back(found: Any) -> bool:
    again = kept._read(kept._written(found))
    return bool(again == found)


def test_answers_come_back_as_they_were(shop: Workspace) -> None:
    assert all(
        _comes_back(found) for found in (measure(shop, "cohort_retention"), compare(shop, "nps"), date(2026, 1, 2))
    )


@pytest.mark.heavy
@pytest.mark.parametrize(
    "analysis",
    [
        flywheel.flywheel, diagnosis.diagnose, journey_map.journey_map, lifecycle.lifecycle, lifecycle.acquisition,
        retention_chain.retention_chain, audit.audit,
    ],
)  # fmt: skip
def test_every_analysis_comes_back_as_it_was(simulated_workspace: Workspace, analysis: Callable[..., Any]) -> None:
    assert _comes_back(analysis(simulated_workspace))
