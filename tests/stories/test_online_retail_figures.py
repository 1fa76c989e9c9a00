"""The demo shop's figures, worked out a second time from its raw file in plain pandas."""

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

import schwung
from schwung.app.customer_list import kind_counts, list_customers
from schwung.app.report import compare, measure
from schwung.app.wiring import Workspace
from schwung.cli import app
from tests.shops import Filled

pytestmark = pytest.mark.xdist_group("online_retail")
CORRECTIONS = r"(?i)B|S|ADJUST.*|BANK CHARGES|AMAZONFEE|TEST.*"
SHIPPING = r"(?i)POST|DOT|C2|C3"
LAST = pd.Timestamp("2010-12-09 20:01")
DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def shop(online_retail: Filled) -> Workspace:
    return online_retail.workspace


@pytest.fixture(scope="module")
def lines(online_retail: Filled) -> pd.DataFrame:
    """Every line with its amount in pence, rounded half away from zero once, and whether it is money for goods."""
    raw = pd.read_parquet(online_retail.file)
    raw.columns = ["invoice", "code", "description", "quantity", "moment", "price", "customer", "country"]
    raw["moment"] = pd.to_datetime(raw["moment"])
    prices = {price: Decimal(str(price)) * 100 for price in raw["price"].unique()}
    raw["pence"] = [
        int((prices[price] * int(quantity)).quantize(Decimal(1), ROUND_HALF_UP))
        for price, quantity in zip(raw["price"], raw["quantity"], strict=True)
    ]
    code = raw["code"].astype(str).str.strip()
    raw["is_correction"] = code.str.fullmatch(CORRECTIONS)
    raw["counts"] = ~raw["is_correction"] & ~code.str.fullmatch(SHIPPING)
    raw["is_return"] = raw["invoice"].astype(str).str.startswith("C")
    raw["month"] = raw["moment"].dt.strftime("%Y-%m")
    return raw


@pytest.fixture(scope="module")
def orders(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per invoice on which at least one line that is no correction was sold."""
    sold = lines[~lines["is_return"]]
    real = sold[(sold["quantity"] > 0) & ~sold["is_correction"]]["invoice"].unique()
    sold = sold[sold["invoice"].isin(real)]
    found = sold.groupby("invoice").agg(
        moment=("moment", "min"), customer=("customer", "first"), country=("country", "first")
    )
    found["pence"] = sold[sold["counts"]].groupby("invoice")["pence"].sum()
    found["month"] = found["moment"].dt.strftime("%Y-%m")
    return found.fillna({"pence": 0}).sort_values("moment")


@pytest.fixture(scope="module")
def bought(orders: pd.DataFrame) -> pd.DataFrame:
    """Orders of customers, each with how long the one before it is ago."""
    known = orders.dropna(subset=["customer"]).sort_values(["customer", "moment"])
    return known.assign(gap=known.groupby("customer")["moment"].diff())


def values(shop: Workspace, name: str, by: str, **asked: Any) -> dict[str, Any]:
    return {row[by]: row["value"] for row in measure(shop, name, by=by, **asked).records()}


def test_revenue_and_orders_by_month(shop: Workspace, lines: pd.DataFrame, orders: pd.DataFrame) -> None:
    back = lines[lines["is_return"] & lines["counts"]].groupby("month")["pence"].sum()
    pence = orders.groupby("month")["pence"].sum().add(back, fill_value=0)
    assert values(shop, "revenue", "month") == {month: pytest.approx(total / 100) for month, total in pence.items()}
    assert values(shop, "orders", "month") == orders.groupby("month").size().to_dict()
    (total,) = measure(shop, "revenue").records()
    assert total["value"] == pytest.approx(pence.sum() / 100)
    for cut in ("country", "product", "cohort", "week"):
        assert sum(values(shop, "revenue", cut).values()) == pytest.approx(total["value"]), cut
    rate = measure(shop, "return_rate").row
    assert rate is not None
    assert rate.estimate.value == pytest.approx(-back.sum() / orders["pence"].sum())


def test_numbers_per_customer(shop: Workspace, orders: pd.DataFrame, bought: pd.DataFrame) -> None:
    window = bought[bought["moment"] >= "2009-12-10"]
    counts = window.groupby("customer").size()
    rate, upsell, per = (
        measure(shop, name).row for name in ("repeat_purchase_rate", "upsell_ratio", "orders_per_customer")
    )
    assert rate is not None and upsell is not None and per is not None
    assert (rate.estimate.value, rate.estimate.n) == (pytest.approx((counts > 1).mean()), len(counts))
    assert upsell.estimate.value == pytest.approx((counts > 1).sum() / (counts == 1).sum())
    assert per.estimate.value == pytest.approx(counts.mean())
    guests = orders[orders["customer"].isna() & (orders["moment"] >= "2009-12-10")]
    assert measure(shop, "repeat_purchase_rate").guest_orders == len(guests)
    by_month = {month: (part.groupby("customer").size() > 1).mean() for month, part in bought.groupby("month")}
    assert values(shop, "repeat_purchase_rate", "month") == pytest.approx(by_month)
    first = bought.drop_duplicates("customer")
    assert values(shop, "new_customers", "month") == first.groupby("month").size().to_dict()


def test_kinds_and_growth(shop: Workspace, bought: pd.DataFrame) -> None:
    last = bought.groupby("customer").agg(moment=("moment", "max"), count=("moment", "size"))
    age = LAST - last["moment"]
    breaks = bought[bought["gap"] > 90 * DAY].drop_duplicates("customer", keep="last").set_index("customer")["gap"]
    won_back = (breaks > 180 * DAY).reindex(last.index, fill_value=False)
    kind = pd.Series("new", last.index).mask(last["count"] > 1, "existing").mask(won_back, "won_back")
    kind = kind.mask(age > 90 * DAY, "dormant").mask(age > 180 * DAY, "lost")
    found = values(shop, "customers_by_kind", "kind")
    leads = found.pop("lead")
    assert found == kind.value_counts().to_dict()
    assert kind_counts(shop) == {**found, "lead": leads}
    assert values(shop, "active_customers", "month")["2010-12"] == (age <= 180 * DAY).sum()
    growth: dict[str, dict[str, int]] = {}
    for row in measure(shop, "growth_accounting", by="month").records():
        growth.setdefault(row["month"], {})[row["part"]] = row["value"]
    assert list(growth) == sorted(growth) and len(growth) == 13
    for parts in growth.values():
        assert parts["start"] + parts["new"] + parts["reactivated"] - parts["lost"] == parts["end"]
    assert sum(parts["new"] for parts in growth.values()) == bought["customer"].nunique()
    assert sum(parts["reactivated"] for parts in growth.values()) == (bought["gap"] > 180 * DAY).sum()


def test_cohorts(shop: Workspace, bought: pd.DataFrame) -> None:
    months = bought["moment"].dt.year * 12 + bought["moment"].dt.month
    first = months.groupby(bought["customer"]).transform("min")
    seen = pd.DataFrame({"cohort": first, "age": months - first, "customer": bought["customer"]}).drop_duplicates()
    size = seen[seen["age"] == 0].groupby("cohort").size()
    share = seen.groupby(["cohort", "age"]).size() / size.reindex(seen["cohort"].unique()).rename_axis("cohort")
    found = measure(shop, "cohort_retention", since="2009-12-01").records()
    assert set(found[0]) == {"cohort", "age", "value", "n"}
    assert len(found) == 13 * 14 // 2
    for row in found:
        year, month = row["cohort"].split("-")
        key = int(year) * 12 + int(month)
        assert row["value"] == pytest.approx(share.get((key, row["age"]), 0)), row
        assert row["n"] == size[key]


def test_the_same_number_everywhere(shop: Workspace, orders: pd.DataFrame) -> None:
    told = CliRunner().invoke(
        app, ["measure", "revenue", "--by", "month", "--json", "--workspace", str(shop.folder)], catch_exceptions=False
    )
    printed = json.loads(told.stdout)
    assert printed == json.loads(json.dumps(measure(shop, "revenue", by="month").to_json()))
    assert (printed["metric"], printed["unit"], printed["as_of"]) == ("revenue", "GBP", "2010-12-09T20:01:00Z")
    opened = schwung.open(shop.folder)
    frame = opened.measure("revenue", by="month").to_pandas()
    assert list(frame.columns) == ["month", "value", "low", "high", "n"]
    assert frame.to_dict("records") == [pytest.approx(row, nan_ok=True) for row in frame.to_dict("records")]
    assert frame["value"].tolist() == [row["value"] for row in printed["rows"]]
    assert opened.measure("revenue", by="month").plot().to_dict()["title"]["text"] == "Revenue"
    table = opened.table("orders")
    assert str(table.schema()["ordered_at"]) == "timestamp('UTC', 6)" or "UTC" in str(table.schema()["ordered_at"])
    assert int(table.count().execute()) >= len(orders)
    opened.close()


def test_comparison_and_list(shop: Workspace) -> None:
    found = compare(shop, "average_order_value")
    assert str(found.period.since_on) == "2010-11-12" and found.difference is not None
    assert found.difference.word in ("clearly_higher", "clearly_lower", "no_clear_difference")
    page = list_customers(shop, sort="revenue", limit=50)
    assert page.next is not None and len(page.rows) == 50
    assert [row["revenue_minor"] for row in page.rows] == sorted(
        (row["revenue_minor"] for row in page.rows), reverse=True
    )
    best = page.rows[0]
    hit = list_customers(shop, search=best["user_id"])
    assert best["customer_id"] in [row["customer_id"] for row in hit.rows]
