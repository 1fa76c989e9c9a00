"""Test orders: told by a rule of the settings or by the order itself, they count nowhere, and stand in the customer's story as such."""

from collections.abc import Callable, Mapping

import ibis.expr.types as ir
import pytest

from schwung.app.customer_list import list_customers
from schwung.app.facts import open_facts
from schwung.app.fresh import forget_cached
from schwung.app.report import measure
from schwung.app.settings_file import change_settings
from schwung.app.shop import Shop
from schwung.app.sight import sight_of
from schwung.app.timeline import timeline
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import SetupError
from schwung.predict.summary import purchases
from tests import cast


def _rules(workspace: Workspace, *rules: str) -> None:
    change_settings(workspace.folder, "workspace", {"test_orders": list(rules)})
    forget_cached()


def _numbers(workspace: Workspace) -> tuple[float, float, int, float]:
    """Revenue, orders, customers with a purchase as models see them, their purchases."""
    revenue = measure(workspace, "revenue").row
    assert revenue is not None and revenue.estimate.value is not None
    orders = measure(workspace, "orders").row
    assert orders is not None and orders.estimate.value is not None
    with open_facts(workspace) as facts, sight_of(facts) as sight:
        found = sight.run(purchases(sight))
    days = sum(found["frequency"].to_pylist()) + found.num_rows
    return revenue.estimate.value, orders.estimate.value, found.num_rows, days


def test_orders_of_own_people_count_nowhere(each_workspace: Workspace) -> None:
    shop = each_workspace
    cast.fill(shop)
    everything = _numbers(shop)
    assert everything == (cast.REVENUE, cast.ORDERS, 4, 7)
    _rules(shop, "@example.com")
    assert _numbers(shop) == (25 + 12, 2, 1, 1), "Anna, Ben and Cem have such an address, by user and by device"
    _rules(shop, "ben@example.com")
    assert _numbers(shop) == (cast.REVENUE - 35, cast.ORDERS - 1, 3, 6), "and what he sent back comes off with it"
    _rules(shop, "channel:Print", "source:elsewhere")
    assert _numbers(shop) == (cast.REVENUE - 35, cast.ORDERS - 1, 3, 6)
    cast.send(shop, [cast.order("B2", "2026-11-19 08:00", 70, user="ben", channel="print")])
    cast.mirror(shop)
    assert _numbers(shop) == (cast.REVENUE - 35, cast.ORDERS - 1, 3, 6), "new ones too"
    ben = next(row for row in list_customers(shop).rows if "Ben" in str(row["full_name"]))
    assert ben["order_count"] == 0
    titles = {entry.title.de for entry in timeline(shop, ben["customer_id"]).entries if entry.kind == "order"}
    assert titles == {"Testbestellung"}
    door = Shop(shop)
    shown = door.table("orders").execute()
    assert sorted(shown.loc[shown["is_test"], "order_id"]) == ["B1", "B2"]
    _rules(shop)
    assert _numbers(shop) == (cast.REVENUE + 70, cast.ORDERS + 1, 4, 8), "nothing was rewritten"


def test_an_order_says_itself_that_it_is_a_trial(workspace: Workspace) -> None:
    cast.fill(workspace)
    trial = cast.order("T1", "2026-11-18 08:00", 500, user="anna")
    trial["properties"]["test"] = True
    late = cast.track("Order Updated", "2026-11-18 09:00", {"order_id": "G1", "test": True})
    cast.send(workspace, [trial, late])
    cast.mirror(workspace)
    assert _numbers(workspace)[:2] == (cast.REVENUE - 12, cast.ORDERS - 1)


@pytest.mark.parametrize("rule", ["example.com", "@", "a@b", "size:XL", "coupon:", "%@x.de"])
def test_a_rule_that_is_none_is_refused(new_workspace: Callable[..., Workspace], rule: str) -> None:
    workspace = new_workspace()
    with pytest.raises(SetupError) as raised:
        _rules(workspace, rule)
    assert "@shop.example" in raised.value.message.en and "Adresse" in raised.value.message.de


def test_a_statement_is_built_once_whatever_the_rules_say(workspace: Workspace) -> None:
    cast.fill(workspace)
    built: list[Instant] = []

    def build(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
        built.append(moment)
        orders = tables["orders"]
        counted = orders.filter(~orders.is_cancelled, orders.ordered_at <= moment)
        return counted.aggregate(n=counted.count())

    def count(*rules: str) -> int:
        _rules(workspace, *rules)
        with open_facts(workspace) as facts:
            assert facts.prepared("orders by rule", build, moment=0)["n"][0].as_py() == 0
            return int(facts.prepared("orders by rule", build)["n"][0].as_py())

    assert (count("@example.com"), count("ben@example.com")) == (2, cast.ORDERS - 1)
    assert len(built) == 1
    assert count() == cast.ORDERS and len(built) == 2, "without a rule orders have a column less"
