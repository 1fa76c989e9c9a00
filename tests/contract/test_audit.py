"""The customer-base audit on every engine: figures worked out by hand; five views, one revenue."""

from collections.abc import Iterator
from datetime import date

import pytest

from schwung.app.ports import Engine
from schwung.core.period import Period
from schwung.measure.audit.audit import audit, usual_period
from schwung.measure.audit.views import Audit
from schwung.measure.example import Example, Return, Sale, instant
from schwung.measure.question import Question
from schwung.measure.scope import Scope
from tests.engines import ENGINES, start

ZONE = "Europe/Berlin"
SHOP = Example(
    as_of="2026-02-28",
    answers={},
    sales=(
        Sale("dana", "2025-12-31 23:30"),  # still December in Berlin
        Sale("anna", "2026-01-02"),
        Sale("ben", "2026-01-03", 20),
        Sale("emil", "2026-01-04"),
        Sale(None, "2026-01-05", 7),
        Sale("anna", "2026-02-02", 30),
        Sale("cem", "2026-02-03", 5),
        Sale("dana", "2026-02-04"),
        Sale("emil", "2026-02-05"),
        Sale("emil", "2026-02-06", 99, cancelled=True),
        Sale(None, "2026-02-07", 9),
    ),
    returns=(Return("ben", "2026-02-08", 4),),
)
FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28), ZONE)


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = start(request.param, tmp_path_factory.mktemp("engine"))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def found(engine: Engine) -> Audit:
    shown = {name: engine.memtable(rows, f"audit_{name}") for name, rows in SHOP.tables().items()}
    question = Question(as_of=instant("2026-02-28 23:59"), first_at=instant("2025-12-31"))
    return audit(Scope(question, lambda name, customer: shown[name]), FEBRUARY, "month", engine.run, date(2025, 12, 1))


def test_how_customers_differ_in_february(found: Audit) -> None:
    one = found.one
    assert (one.customers, one.orders, one.minor) == (4, 4, 5500)
    assert (one.guests_minor, one.guest_orders, one.returns_only_minor) == (900, 1, -400)
    assert [(slice_.customers, slice_.minor) for slice_ in one.deciles] == [(1, 3000), (1, 1000), (1, 1000), (1, 500)]
    assert one.deciles[-1].cumulated == 1 and one.deciles[0].share == pytest.approx(3000 / 5500)
    assert one.once == 1 and one.needed == {50: 0.25, 80: 0.75}


def test_what_changed_since_january(found: Audit) -> None:
    two = found.two
    assert two is not None and (two.minor_before, two.minor) == (4700, 6000)
    moves = {move.name: (move.customers, move.minor_before, move.minor) for move in two.moves if move.change_minor or move.customers}  # fmt: skip
    assert moves == {
        "new": (1, 0, 500),
        "returned": (1, 0, 1000),
        "more": (1, 1000, 3000),
        "same": (1, 1000, 1000),
        "gone": (1, 2000, -400),
        "guests": (0, 700, 900),
    }
    assert two.stayed == pytest.approx(2 / 3)
    assert two.factors["customers"] == pytest.approx((4000 / 3 + 1375) / 2)
    assert two.factors["orders_per_customer"] == 0 and sum(two.factors.values()) == pytest.approx(1500)
    assert two.matrix[2, 1] == 1 and two.matrix[1, 0] == 1, "Anna rose to the top; Ben, first in January, did not order"


def test_a_cohort_grows_older(found: Audit) -> None:
    cohort = found.cohort
    assert cohort is not None and cohort.name == "2026-01" and cohort.size == 3 and not cohort.may_be_older
    assert [(age.active, age.minor, age.cumulated) for age in cohort.ages] == [(3, 4000, 4000 / 3), (2, 3600, 7600 / 3)]
    assert cohort.first_minor == 4000 and cohort.first_share == pytest.approx(4000 / 7600)


def test_all_views_add_up_to_the_same_revenue(found: Audit) -> None:
    assert [(period.name, period.minor) for period in found.base] == [("2025-12", 1000), ("2026-01", 4700), ("2026-02", 6000)]  # fmt: skip
    february = found.base[-1]
    assert found.one.total_minor == found.two.minor == february.minor  # type: ignore[union-attr]
    assert sum(february.by_cohort.values()) + february.guests_minor + february.without_order_minor == february.minor
    others = sum(period.guests_minor + period.without_order_minor for period in found.base)
    assert sum(cohort.minor for cohort in found.cohorts) + others == sum(period.minor for period in found.base)
    assert sum(slice_.minor for slice_ in found.one.deciles) == sum(slice_.minor for slice_ in found.one.by_orders) == found.one.minor  # fmt: skip


def test_the_usual_period_is_the_longest_whole_one_with_a_whole_one_before() -> None:
    assert usual_period(date(2023, 5, 1), date(2026, 8, 9), ZONE) == (Period(date(2025, 1, 1), date(2025, 12, 31), ZONE), "year")  # fmt: skip
    assert usual_period(date(2009, 12, 1), date(2010, 12, 9), ZONE)[0] == Period(
        date(2010, 7, 1), date(2010, 9, 30), ZONE
    )
    assert usual_period(date(2026, 1, 1), date(2026, 6, 30), ZONE)[0] == Period(
        date(2026, 4, 1), date(2026, 6, 30), ZONE
    )
    assert usual_period(date(2026, 8, 3), date(2026, 8, 9), ZONE) == (
        Period(date(2026, 8, 3), date(2026, 8, 9), ZONE),
        "month",
    )
