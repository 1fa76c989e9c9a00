"""The purchase summary on the engine: equal to that of lifetimes on the same log; rules for returns, guests, currencies, objections."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from lifetimes.utils import summary_data_from_transaction_data

from schwung.app.analyses.audit import audit
from schwung.app.consents import opt_out
from schwung.app.customers import find_customer
from schwung.app.facts import open_facts
from schwung.app.forget import forget
from schwung.app.sight import sight_of
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.predict.forecast.known import left_out
from schwung.predict.purchasing.counts import count_interval
from schwung.predict.purchasing.held_out import cuts, held_out
from schwung.predict.summary import purchase_rows, purchases, read
from tests import cast, orders_log


def _log(workspace: Workspace, customers: int) -> pd.DataFrame:
    """Orders of the past 300 days in the lake, whole days of UTC; returned as a data frame."""
    random = np.random.default_rng(3)
    who = np.sort(random.integers(1, customers + 1, 6 * customers))
    who = who[random.random(len(who)) < 1.2 / (1 + who % 5)]
    day, amount = random.integers(0, 300, len(who)), random.integers(500, 9_000, len(who))
    orders_log.fill(workspace, who, day, amount)
    days = [(orders_log.FIRST + timedelta(days=int(one))).date() for one in day]
    return pd.DataFrame({"customer": who, "day": days, "amount": amount})


def test_equal_to_lifetimes(workspace: Workspace) -> None:
    log = _log(workspace, 400)
    wanted = summary_data_from_transaction_data(log, "customer", "day", "amount", observation_period_end="2026-11-20")
    with open_facts(workspace) as facts, sight_of(facts) as sight:
        found = facts.run(purchases(sight)).to_pandas().set_index("customer_id").sort_index()
        summary = read(sight).summary
        weeks = read(sight, "week").summary
        since = facts.run(purchases(sight.earlier(sight.as_of)))
        (cut,) = cuts(sight, 60, 1)
        held = held_out(sight, *cut, "day")
    assert list(found.index) == list(wanted.index)
    for ours, theirs in (("frequency", "frequency"), ("recency", "recency"), ("age", "T")):
        assert (found[ours].to_numpy() == wanted[theirs].to_numpy()).all()
    again = wanted["frequency"] > 0
    assert (found["spend"] / found["paid_days"].where(again))[again].to_numpy() == pytest.approx(wanted["monetary_value"][again])  # fmt: skip
    assert summary.distinct.customers == len(found) and len(summary) < len(found)
    assert weeks.T.max() * 7 == summary.T.max() and since.num_rows == len(found)
    assert held is not None and held.days == 60
    later = log[pd.to_datetime(log["day"]) > pd.Timestamp("2026-09-21")]
    known = set(log[pd.to_datetime(log["day"]) <= pd.Timestamp("2026-09-21")]["customer"])
    came = later[later["customer"].isin(known)].drop_duplicates(["customer", "day"])
    assert held.customers == len(known) and float(held.actual @ held.count) == len(came)


def test_rules(workspace: Workspace) -> None:
    """Cancelled orders, guests and who objected are left out; a return lowers the worth of its day, the purchase stays."""
    cast.fill(workspace)
    cast.send(
        workspace,
        [
            cast.order("A4", "2026-11-14 09:00", 60, user="anna"),
            cast.order("A5", "2026-11-14 19:00", 40, user="anna"),
            cast.refund("A4", "2026-11-16 10:00", 15, user="anna"),
            cast.refund("Z9", "2026-11-16 10:00", 25, user="ben"),
            cast.track("Order Completed", "2026-11-15 12:00", {"order_id": "C9", "revenue": 500, "currency": "XAU"}, user="cem"),
        ],
    )  # fmt: skip
    cast.mirror(workspace)
    numbers = {name: find_customer(workspace, f"user_id:{name}") for name in ("anna", "ben", "cem", "emil")}
    opt_out(workspace, numbers["emil"], "cli:test", topic="objection")
    with open_facts(workspace) as facts, sight_of(facts) as sight:
        rows = {row["customer_id"]: row for row in facts.run(purchases(sight)).to_pylist()}
        passed = {row["customer_id"]: row for row in purchase_rows(sight).to_pylist()}
        aside = left_out(sight)
    with open_facts(workspace) as facts, sight_of(facts, since=date(2026, 5, 1)) as sight:
        late = facts.run(purchases(sight))["customer_id"].to_pylist()
        assert sorted(late) == purchase_rows(sight)["customer_id"].to_pylist()
    assert passed == rows, "a pass over the orders says what the engine says"
    forget(workspace, numbers["cem"], "cli:test")
    with open_facts(workspace) as facts, sight_of(facts) as sight:
        left = {row["customer_id"]: row for row in purchase_rows(sight).to_pylist()}
        orders = facts.run(facts.table("orders").filter(lambda order: ~order.is_cancelled).count().as_table())
    assert left == {who: row for who, row in rows.items() if who != numbers["cem"]}, "orders of the erased are nobody's"
    assert orders[0][0].as_py() == 11, "they stay"
    assert set(rows) == {numbers["anna"], numbers["ben"], numbers["cem"]}
    anna = rows[numbers["anna"]]
    assert (anna["frequency"], anna["recency"], anna["age"]) == (3, 257, 263), "two orders of a day are one purchase"
    assert (anna["paid_days"], anna["spend"]) == (3, 3_000 + 1_000 + 10_000 - 1_500)
    cem = rows[numbers["cem"]]
    assert (cem["frequency"], cem["paid_days"], cem["spend"]) == (2, 1, 5_000), "without a rate its worth is not known"
    assert aside.unvalued == pytest.approx(1 / 11), "the forecast says how many orders have no worth"
    audited = audit(workspace, since="2026-11-01", until="2026-11-20")
    assert audited.one.unvalued == 1 and any("amount is not known" in one.en for one in audited.sentences[1])
    assert set(late) == {numbers["ben"], numbers["cem"]}, "who first ordered before the beginning is left out"


def test_nobody_bought(workspace: Workspace) -> None:
    with open_facts(workspace) as facts, sight_of(facts) as sight, pytest.raises(InputError, match="No customer"):
        read(sight)


def test_numbers_of_purchases_lie_within_their_interval() -> None:
    """Negative binomial with none added: the interval of the moments holds as many as it says."""
    random = np.random.default_rng(5)
    rate = random.gamma(0.6, 2.0, 200_000)
    made = np.where(random.random(len(rate)) < 0.3, 0, random.poisson(rate))
    mean, pairs, silent = float(made.mean()), float((made * (made - 1.0)).mean()), float((made == 0).mean())
    low, high = count_interval(np.array([mean]), np.array([pairs]), np.array([silent]), 0.8)
    assert low[0] == 0 and np.mean((made >= low[0]) & (made <= high[0])) == pytest.approx(0.9, abs=0.03)
