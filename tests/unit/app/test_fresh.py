"""Answers for pages: what is at hand and what is not, who is renewed first, who shares what is read."""

from collections.abc import Callable, Iterator

import ibis
import pytest

from schwung.app import fresh, wiring
from schwung.app.analyses import diagnosis, flywheel
from schwung.app.customer_list import list_customers
from schwung.app.facts import Facts, open_facts
from schwung.app.forget import forget
from schwung.app.fresh import NotAtHand, cached, forget_cached, only_at_hand
from schwung.app.report import ask, question_of
from schwung.app.shared_facts import AGE, shared_facts
from schwung.app.wiring import Workspace
from schwung.core.clock import SECOND
from schwung.core.errors import SetupError
from schwung.measure.metrics import METRICS
from tests import cast
from tests.conftest import FrozenClock


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace]) -> Iterator[Workspace]:
    forget_cached()
    workspace = new_workspace()
    cast.fill(workspace)
    yield workspace
    forget_cached()


def test_a_page_that_does_not_wait_computes_nothing(shop: Workspace) -> None:
    asked = []

    def compute(facts: Facts) -> int:
        asked.append(facts.snapshot_no)
        return 7

    with only_at_hand(), pytest.raises(NotAtHand):
        cached(shop, "seven", compute)
    assert asked == []
    assert cached(shop, "seven", compute).value == 7
    with only_at_hand():
        assert cached(shop, "seven", compute).value == 7
    assert len(asked) == 1


def test_figures_of_some_seconds_share_a_snapshot(shop: Workspace, clock: FrozenClock) -> None:
    with shared_facts(shop) as (first, _):
        seen = first.snapshot_no
    cast.send(shop, [cast.order("B9", "2026-11-19 10:00", 8, user="ben")])
    cast.mirror(shop)
    with shared_facts(shop) as (again, at):
        assert again.snapshot_no == seen and shop.clock() == at
        clock.advance(AGE // SECOND + 1)
        with shared_facts(shop) as (newer, _):
            assert newer.snapshot_no > seen
            assert again.run(again.table("orders", customer=True)).num_rows, "what is in use stays"


def test_what_pages_have_no_memory_for_is_worked_out_alone(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "PATIENT_MEMORY", "20MB")

    def compute(facts: Facts) -> int:
        numbers = ibis.range(4_000_000).unnest().name("n").as_table()
        return int(facts.run(numbers.aggregate(n=numbers.n.collect().length()))["n"][0].as_py())

    assert cached(shop, "large", compute).value == 4_000_000
    with pytest.raises(SetupError, match="memory"):
        fresh._compute(shop, compute, False)


def test_after_an_erasure_a_page_is_answered_at_once(shop: Workspace) -> None:
    """Within the seconds for which figures share a snapshot, though the files of that one are gone."""
    cached(shop, "before", lambda facts: facts.snapshot_no)
    forget(shop, list_customers(shop, sort="name").rows[0]["customer_id"], "test")
    found = cached(shop, "after", lambda facts: (facts.snapshot_no, facts.run(facts.everything("events")).num_rows))
    with open_facts(shop) as facts:
        assert found.value == (facts.snapshot_no, facts.run(facts.everything("events")).num_rows)


def test_kept_columns_change_no_answer(shop: Workspace) -> None:
    """Those that read other columns read the lake; both say the same."""
    with open_facts(shop) as plain, shared_facts(shop) as (kept, _):
        assert "note" not in kept.table("orders").columns and "note" in plain.table("orders").columns
        for name, by in (
            ("revenue", ("month",)),
            ("repeat_purchase_rate", ()),
            *(("revenue", (by,)) for by in ("campaign", "channel", "kind", "cohort")),
            *((name, ()) for name in ("churn_rate", "growth_accounting", "customers_by_kind", "cohort_retention")),
            *((name, ("month",)) for name in ("new_customers", "churn_rate")),
        ):
            found = [ask(facts, METRICS[name], question_of(facts, by, None, None)).rows for facts in (plain, kept)]
            assert found[0] == found[1] and found[0]
        wheels = [flywheel.of_facts(facts, 28, None, None) for facts in (plain, kept)]
        assert wheels[0] == wheels[1] and wheels[0].speed.trend
        told = [diagnosis.of_facts(facts, 28, None, None) for facts in (plain, kept)]
        assert told[0] == told[1]


def test_what_was_looked_at_last_is_renewed_first(
    shop: Workspace, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fresh, "_kept_warm", {str(shop.folder)})
    monkeypatch.setattr(fresh._renewer, "wake", lambda: None)
    for name in ("old", "costly", "new"):
        cached(shop, name, lambda facts: 1)
        clock.advance(1)
    for key, entry in fresh._cache.items():
        entry.took = 0.9 * fresh._BUDGET if key[0] == "costly" else 0.2 * fresh._BUDGET  # type: ignore[index]
    assert fresh._due() is None, "all are young"
    clock.advance(30)
    for name in ("costly", "new"):
        cached(shop, name, lambda facts: 1)
        clock.advance(1)
    for entry in fresh._cache.values():
        entry.wanted, entry.at = False, 0
    due = fresh._due()
    assert due is not None and due[0][0] == "new", "the costly one does not fit beside it any more"  # type: ignore[index]
