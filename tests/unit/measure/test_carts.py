"""Carts that were left: told from orders and carts of each customer in turn, as by hand."""

from dataclasses import replace
from datetime import date
from typing import Any

import ibis
import numpy as np
import pytest
from ibis import _

from schwung.core.clock import DAY
from schwung.measure.carts import cart_days
from schwung.measure.diagnosis.rules import carts_abandoned
from schwung.measure.friction_carts import DECIDED_DAYS, FOLLOW_DAYS, decided
from schwung.measure.lifecycle import with_course
from schwung.measure.question import Question
from schwung.measure.rolling import Windows
from schwung.measure.scope import Scope

AS_OF = 400 * DAY
HALF = DAY // 2


def _facts(seed: int) -> dict[str, list[dict[str, Any]]]:
    """Instants on a grid of half days, so that carts and orders often meet at one."""
    rng = np.random.default_rng(seed)
    rows: dict[str, list[dict[str, Any]]] = {"carts": [], "orders": []}
    for key in range(150):
        who = None if rng.random() < 0.1 else int(rng.integers(1, 25))
        at = int(rng.integers(2, 700)) * HALF
        amount = int(rng.integers(1, 90))
        states = [("started", at, amount)]
        if rng.random() < 0.5:
            states.append(("checkout", at + HALF * int(rng.integers(0, 3)), amount + int(rng.integers(0, 3))))
        if rng.random() < 0.4:
            states.append(("ordered", at + HALF * int(rng.integers(0, 30)), amount))
        if rng.random() < 0.1:
            states.pop(0)
        for state, then, minor in states:
            rows["carts"].append(
                {
                    "cart_key": key, "state": state, "happened_at": then, "amount_minor": minor, "customer_id": who,
                    "currency": "USD" if rng.random() < 0.1 else "EUR", "channel": "web",
                }
            )  # fmt: skip
    for key in range(120):
        rows["orders"].append(
            {
                "order_key": key, "ordered_at": int(rng.integers(2, 700)) * HALF, "is_cancelled": rng.random() < 0.1,
                "customer_id": None if rng.random() < 0.1 else int(rng.integers(1, 25)), "amount_minor": 5, "currency": "EUR",
            }
        )  # fmt: skip
    return rows


def _by_hand(facts: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    states = {(row["cart_key"], row["state"]): row for row in facts["carts"] if row["happened_at"] <= AS_OF}
    own = [row for (_, state), row in states.items() if state == "started" and row["customer_id"] is not None]
    found = []
    for row in own:
        who, at, key = row["customer_id"], row["happened_at"], row["cart_key"]
        bought = [
            one["ordered_at"]
            for one in facts["orders"]
            if one["customer_id"] == who and not one["is_cancelled"] and one["ordered_at"] <= AS_OF
        ]
        later = [(one["happened_at"], one["cart_key"]) for one in own if one["customer_id"] == who]
        following = [then for then, other in later if (then, other) > (at, key)] + [one for one in bought if one >= at]
        ordered, paying = states.get((key, "ordered")), states.get((key, "checkout"))
        is_hit = ordered is None or ordered["happened_at"] > at + DECIDED_DAYS * DAY
        if is_hit and following and min(following) <= at + DECIDED_DAYS * DAY:
            continue
        so_far = sum(one < at for one in bought)
        amounts = [one["amount_minor"] for one in (row, paying) if one is not None and one["currency"] == "EUR"]
        found.append(
            (
                who, at // DAY + DECIDED_DAYS, is_hit, (0, 1, 2, 2, 3)[min(so_far, 4)], bool(ordered or paying),
                int(any(at <= one <= at + FOLLOW_DAYS * DAY for one in bought)), max(amounts, default=None),
                0 if is_hit or ordered is None else (ordered["happened_at"] - at) // 1_000_000,
            )
        )  # fmt: skip
    return sorted(found, key=str)


def _scope(tables: dict[str, ibis.Table], question: Question) -> Scope:
    return Scope(question, lambda name, customer: tables[name])


@pytest.mark.parametrize("seed", range(3))
def test_carts_are_decided_as_by_hand(seed: int) -> None:
    """Whether the orders' course is at hand or not."""
    facts, question = _facts(seed), Question(AS_OF, "UTC")
    tables = {name: ibis.memtable(rows) for name, rows in facts.items()}
    placed = tables | {"orders": with_course(tables["orders"].filter(_.ordered_at <= AS_OF), question)}
    names = ("customer_id", "day", "is_hit", "level", "reached", "came_back", "amount_minor", "waited")
    by_hand = _by_hand(facts)
    assert len(by_hand) > 40 and len({row[2] for row in by_hand}) == 2
    for given in (tables, placed):
        found = decided(_scope(given, question)).select(*names).to_pyarrow().to_pylist()
        assert sorted((tuple(row[name] for name in names) for row in found), key=str) == by_hand


def test_carts_by_day_are_the_same_where_they_are_at_hand() -> None:
    """For a question that reaches to now; one that ends earlier counts what was known then."""
    rows = ibis.memtable(_facts(7)["carts"])
    asked: list[str] = []

    def at_hand(what: str) -> ibis.Table | None:
        asked.append(what)
        return held

    scope = Scope(Question(AS_OF, "UTC"), lambda name, customer: rows)
    held = cart_days(scope).cache()
    assert held.n.sum().execute() == rows.filter(_.happened_at <= AS_OF).cart_key.nunique().execute()
    series = [carts_abandoned.series(one, Windows(400, 28)) for one in (scope, replace(scope, at_hand=at_hand))]
    both = [sorted(map(str, one.to_pyarrow().to_pylist())) for one in series]
    assert both[0] == both[1] and both[0] and asked
    earlier = replace(scope, at_hand=at_hand, question=Question(AS_OF, "UTC", until_on=date(1970, 10, 1)))
    del asked[:]
    assert cart_days(earlier).n.sum().execute() < held.n.sum().execute() and not asked
