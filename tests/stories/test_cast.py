"""The small shop from event to number: what the cast's answers say comes out of metrics, comparison and customer list."""

from collections.abc import Callable, Iterator

import pytest

from schwung.app.customer_list import kind_counts, list_customers
from schwung.app.fresh import forget_cached
from schwung.app.report import compare, measure
from schwung.app.wiring import Workspace
from tests import cast


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace]) -> Iterator[Workspace]:
    workspace = new_workspace()
    cast.fill(workspace)
    yield workspace
    forget_cached()


def test_numbers_of_the_cast(shop: Workspace) -> None:
    revenue = measure(shop, "revenue")
    assert revenue.to_json()["rows"] == [{"value": cast.REVENUE, "low": None, "high": None, "n": cast.ORDERS}]
    assert (revenue.to_json()["metric"], revenue.to_json()["unit"]) == ("revenue", "EUR")
    assert revenue.to_json()["as_of"] == "2026-11-20T12:00:00Z"
    months = {row["month"]: row["value"] for row in measure(shop, "revenue", by="month").records()}
    assert {month: value for month, value in months.items() if value} == cast.REVENUE_BY_MONTH
    assert len(months) == 10
    assert {row["kind"]: row["value"] for row in measure(shop, "customers_by_kind").records()} == cast.KINDS
    rate = measure(shop, "repeat_purchase_rate")
    assert rate.row is not None and rate.row.estimate.value == cast.REPEAT_PURCHASE_RATE
    assert rate.guest_orders == cast.GUEST_ORDERS
    channels = {row["channel"]: row["value"] for row in measure(shop, "orders", by="channel").records()}
    assert channels == cast.ORDERS_BY_CHANNEL


def test_comparison_with_the_period_before(shop: Workspace) -> None:
    found = compare(shop, "revenue")
    assert (str(found.period.since_on), str(found.period.until_on)) == ("2026-10-24", "2026-11-20")
    assert found.now.row is not None and found.before is not None and found.difference is not None
    assert found.now.row.estimate.value == cast.REVENUE_28_DAYS
    assert found.before.row is not None and found.before.row.estimate.value == cast.REVENUE_28_DAYS_BEFORE
    assert found.difference.word == "higher"
    assert found.difference.relative == pytest.approx(0.9)
    few = compare(shop, "repeat_purchase_rate", days=100).difference
    assert few is not None and few.word == "too_few"


def test_no_comparison_with_a_period_that_starts_before_the_first_fact(shop: Workspace) -> None:
    """The first order came on 1 February."""
    for days, is_whole in ((146, True), (147, False)):
        found = compare(shop, "revenue", days=days)
        assert found.period.before().since_on.isoformat() == ("2026-02-02" if is_whole else "2026-01-31")
        assert (found.before is not None, found.difference is not None) == (is_whole, is_whole)
        assert found.now.row is not None and found.now.row.estimate.value


def test_customer_list(shop: Workspace) -> None:
    page = list_customers(shop)
    names = [row["full_name"] for row in page.rows]
    assert names == ["Anna Ahrens", "Ben Groß", "Cem Çelik", None, "Dana Dietz"]
    assert (page.count, page.more_than, page.next, page.previous) == (5, False, None, None)
    anna = page.rows[0]
    assert (anna["kind"], anna["order_count"], anna["revenue_minor"], anna["email"]) == (
        "won_back", 3, 6000, "anna@example.com",
    )  # fmt: skip
    assert kind_counts(shop) == cast.KINDS
    assert [row["full_name"] for row in list_customers(shop, search="GROSS").rows] == ["Ben Groß"]
    assert [row["full_name"] for row in list_customers(shop, search="an ahr").rows] == ["Anna Ahrens"]
    assert list_customers(shop, search="example.com").count == 4
    assert [row["user_id"] for row in list_customers(shop, kind="lost").rows] == ["emil"]
    first = list_customers(shop, sort="revenue", limit=2)
    second = list_customers(shop, sort="revenue", limit=2, after=first.next)
    assert [row["revenue_minor"] for row in (*first.rows, *second.rows)] == [10000, 6000, 3500, 2500]
    assert second.previous is not None
    back = list_customers(shop, sort="revenue", limit=2, before=second.previous)
    assert back.rows == first.rows and back.previous is None and back.next is not None
