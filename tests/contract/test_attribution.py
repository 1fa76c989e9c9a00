"""Journeys from facts, worked out by hand, on both engines; and that the last touch is the one of the cut `channel`."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from schwung.app.ports import Engine
from schwung.measure.answer import expression_of
from schwung.measure.example import Example, Sale, Spent, Touch, instant
from schwung.measure.metrics import METRICS
from schwung.measure.question import Question
from schwung.measure.scope import Scope
from schwung.measure.valuation import Valuation
from schwung.predict.attribution import touches
from schwung.predict.attribution.touches import Wish
from tests.engines import start

# Anna: search and mail before her order of 1 March; the mail counts again before that of 20 March, with a later banner. Her
# direct visit counts nowhere, her touch of 1 January led to nothing. Ben never bought: two stretches, since 45 days lie
# between. Cem's touch of 25 March is open. Dana ordered without a touch, a guest ordered.
EXAMPLE = Example(
    as_of="2026-03-31",
    answers={},
    sales=(
        Sale("anna", "2026-03-01", 100, is_net=True), Sale("anna", "2026-03-20", 40, is_net=True), Sale("dana", "2026-03-05", 30, is_net=True),
        Sale(None, "2026-03-06", 7, is_net=True), Sale("ben", "2026-03-07", 9, cancelled=True),
    ),
    touches=(
        Touch("anna", "2026-01-01", "social"), Touch("anna", "2026-02-10", "search"), Touch("anna", "2026-02-27", "email", "spring"),
        Touch("anna", "2026-02-28", "direct"), Touch("anna", "2026-03-19", "display", "spring"),
        Touch("ben", "2026-01-02", "search"), Touch("ben", "2026-01-03", "email"), Touch("ben", "2026-02-17", "email"),
        Touch("cem", "2026-03-25", "search"),
    ),
    spent=(Spent("2026-03-02", "email", 12, "spring"), Spent("2026-03-02", "print", 50, phase="delight", hours=3.0), Spent("2026-01-02", "email", 5)),
    value=Valuation(margin_rate=0.5),
)  # fmt: skip


Told = dict[tuple[str, ...], tuple[int, ...]]


def scope_of(engine: Engine, since: date | None = None) -> Scope:
    shown = {name: engine.memtable(rows, name) for name, rows in EXAMPLE.tables().items()}
    question = Question(instant(EXAMPLE.as_of), since_on=since, value=EXAMPLE.value)
    return Scope(question, lambda name, customer: shown[name])


def told(engine: Engine, scope: Scope, wish: Wish) -> Told:
    """Names of a journey → won, value, margin, lost, open."""
    bought = touches.orders(scope, wish)
    found = engine.run(touches.journeys(scope, wish, bought, touches.before_orders(scope, wish, bought)))
    sums = zip(*(found[name].to_pylist() for name in ("won", "value", "margin", "lost", "open")), strict=True)
    return {tuple(names): row for names, row in zip(touches.names_of(found["path"]).to_pylist(), sums, strict=True)}


def test_journeys(engine: Engine) -> None:
    scope, wish = scope_of(engine), Wish()
    assert told(engine, scope, wish) == {
        ("search", "email"): (1, 10_000, 5_000, 1, 0), ("email", "display"): (1, 4_000, 2_000, 0, 0), ("social",): (0, 0, 0, 1, 0),
        ("email",): (0, 0, 0, 1, 0), ("search",): (0, 0, 0, 0, 1),
    }  # fmt: skip
    bought = touches.orders(scope, wish)
    before = touches.before_orders(scope, wish, bought)
    assert engine.run(touches.totals(bought)).to_pylist() == [{"orders": 4, "guests": 1, "with_margin": 4}]
    decayed = {row["touch"]: row["won"] for row in engine.run(touches.decayed(wish, bought, before)).to_pylist()}
    early, late = 2 ** (-17 / 7), 2 ** (-20 / 7)  # the search 17 days before the mail, the mail 20 before the banner
    assert decayed == pytest.approx(
        {"search": early / (1 + early), "email": 1 / (1 + early) + late / (1 + late), "display": 1 / (1 + late)}, rel=1e-9
    )  # fmt: skip
    shared = Counter[str]()
    for row in engine.run(touches.shared(bought, before)).to_pylist():
        shared[row["touch"]] += row["part"]
    assert shared == {"search": 0.5, "email": 1.0, "display": 0.5}
    spent = {
        row["touch"]: (row["minor"], row["hours"], row["brings"])
        for row in engine.run(touches.spent(scope, wish)).to_pylist()
    }
    assert spent == {"email": (1_700, None, 1), "print": (5_000, 3.0, 0)}


def test_a_window_a_campaign_new_customers(tmp_path: Path) -> None:
    engine = start("duckdb", tmp_path)
    scope = scope_of(engine, date(2026, 3, 10))
    assert told(engine, scope, Wish("campaign")) == {("spring", "spring"): (1, 4_000, 2_000, 0, 0)}
    first = Wish("campaign", only_new=True)
    assert engine.run(touches.orders(scope, first)).num_rows == 0  # Anna's and Dana's first orders lie before
    assert told(engine, scope_of(engine), first) == {("spring",): (1, 10_000, 5_000, 0, 0)}
    spent = engine.run(touches.spent(scope_of(engine), Wish(only_new=True))).to_pylist()
    assert [row["touch"] for row in spent] == ["email"]
    engine.close()


def test_the_last_touch_is_that_of_the_cut_channel(tmp_path: Path) -> None:
    engine = start("duckdb", tmp_path)
    scope = scope_of(engine)
    last = Counter[str]()
    for names, (won, *_) in told(engine, scope, Wish()).items():
        last[names[-1]] += won
    asked = Question(scope.question.as_of, by=("channel",), first_at=instant("2026-01-01"))
    rows = engine.run(expression_of(METRICS["orders"], asked, scope.table)).to_pylist()
    assert +last == {row["channel"]: row["value"] for row in rows if row["channel"] not in (None, "unknown")}
    engine.close()
