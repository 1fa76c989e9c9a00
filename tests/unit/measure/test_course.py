"""An order's place in its customer's course, worked out once for all figures: the same as worked out for each of them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import ibis
import numpy as np
import pytest
from ibis import _

from schwung.core.clock import DAY
from schwung.measure import base
from schwung.measure.answer import moments_of
from schwung.measure.lifecycle import COURSE, NEVER, stays, with_course
from schwung.measure.metrics import METRICS
from schwung.measure.question import Question
from schwung.measure.scope import Scope
from schwung.measure.spending import newcomers

FIRST = date(2026, 1, 1)
AS_OF = 1_798_675_200_000_000


def _orders(seed: int) -> ibis.Table:
    """Few customers, many ties, guests and cancelled ones."""
    rng = np.random.default_rng(seed)
    n = 400
    guest = rng.random(n) < 0.1
    customers = rng.integers(1, 60, n)
    return ibis.memtable(
        {
            "order_key": rng.permutation(n),
            "ordered_at": AS_OF - rng.integers(0, 500, n) * DAY - rng.integers(0, 2, n),
            "customer_id": [None if one else int(who) for one, who in zip(guest, customers, strict=True)],
            "is_cancelled": rng.random(n) < 0.1,
            "amount_minor": rng.integers(1, 9_000, n),
            "currency": rng.choice(["EUR", "USD"], n, p=[0.9, 0.1]),
        }
    )


def _scope(orders: ibis.Table, question: Question) -> Scope:
    return Scope(question, lambda name, customer: orders if customer else orders.drop("customer_id"))


def _rows(table: Any) -> list[tuple[Any, ...]]:
    names = sorted(table.columns)
    return sorted(tuple(row[name] for name in names) for row in table.select(*names).to_pyarrow().to_pylist())


@pytest.mark.parametrize("seed", range(4))
def test_a_course_at_hand_is_that_of_every_question(seed: int) -> None:
    """Also of one that ends earlier: who ordered again only later has not come back yet."""
    orders = _orders(seed)
    whole = Question(AS_OF, "UTC", dormant_after_days=30, lost_after_days=60)
    held = with_course(orders, whole).cache()
    assert held.count().execute() == orders.count().execute()
    for back in (0, 90, 300):
        question = Question(
            AS_OF, "UTC", until_on=FIRST + timedelta(days=364 - back), dormant_after_days=30, lost_after_days=60
        )
        counted = [
            rows.filter(_.ordered_at < question.until_at, ~_.is_cancelled, _.customer_id.notnull())
            for rows in (orders, held)
        ]
        plain, quick = (stays(rows, question).select("customer_id", "order_key", *COURSE) for rows in counted)
        assert _rows(plain) == _rows(quick)
        assert plain.filter(_.next_at == NEVER).count().execute() == plain.customer_id.nunique().execute()
        scopes = [_scope(rows, question) for rows in (orders, held)]
        assert _rows(scopes[0].first_orders()) == _rows(scopes[1].first_orders())
        first, known = (newcomers(scope).select("order_key", "amount_minor") for scope in scopes)
        assert first.to_pyarrow().num_rows and _rows(first.fill_null(-1)) == _rows(known.fill_null(-1))


@pytest.mark.parametrize("seed", range(2))
def test_who_is_lost_is_told_without_a_second_look(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no period is longer than the days for which an order keeps its customer active."""
    orders = _orders(seed)
    question = Question(
        AS_OF, "UTC", by=("month",), dormant_after_days=30, lost_after_days=60, first_at=AS_OF - 501 * DAY
    )
    scope = Scope(question, lambda name, customer: orders, moments_of(METRICS["churn_rate"], question))
    quick = _rows(base.at_risk(scope))
    assert {row[1] for row in quick} == {True, False}
    monkeypatch.setattr(base, "_is_short", lambda scope: False)
    assert _rows(base.at_risk(scope)) == quick
    monkeypatch.undo()
    year = replace(question, by=("year",))
    long = Scope(year, lambda name, customer: orders, moments_of(METRICS["churn_rate"], year))
    assert not base._is_short(long) and base._is_short(scope)
