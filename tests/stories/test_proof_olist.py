"""Worked page docs/proof/olist.md: stars, late deliveries, and what they cost, worked out a second time from the raw files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from schwung.app.analyses.flywheel import flywheel
from schwung.app.wiring import Workspace
from tests import proof
from tests.importing import SHARED, needs_shared

pytestmark = [pytest.mark.shared, needs_shared]
OLIST, EXAMPLES = SHARED / "olist", proof.EXAMPLES / "olist"
FILES = {
    "orders": "olist_orders_dataset.csv",
    "customers": "olist_customers_dataset.csv",
    "items": "olist_order_items_dataset.csv",
    "reviews": "olist_order_reviews_dataset.csv",
}
PERIOD = ("2018-01-01", "2018-06-30")


def _part(folder: Path, each: int) -> Path:
    """The files with what belongs to every so many-th customer."""
    people = pd.read_csv(OLIST / FILES["customers"])
    people = people[people["customer_unique_id"].rank(method="dense") % each == 0]
    orders = pd.read_csv(OLIST / FILES["orders"])
    orders = orders[orders["customer_id"].isin(people["customer_id"])]
    for name, rows in (("customers", people), ("orders", orders)):
        rows.to_csv(folder / FILES[name], index=False)
    for name in ("items", "reviews"):
        rows = pd.read_csv(OLIST / FILES[name])
        rows[rows["order_id"].isin(orders["order_id"])].to_csv(folder / FILES[name], index=False)
    return folder


def _raw(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Orders with what became of them, and reviews with their order's delivery."""
    orders = pd.read_csv(folder / FILES["orders"])
    for name in ("purchase_timestamp", "delivered_carrier_date", "delivered_customer_date", "estimated_delivery_date"):
        orders[name] = pd.to_datetime(orders.pop(f"order_{name}"))
    due = orders["estimated_delivery_date"].dt.normalize() + pd.Timedelta(days=1)
    arrived = orders["delivered_customer_date"]
    is_sent = orders["delivered_carrier_date"].notna() | arrived.notna()
    fate = np.select([arrived < due, arrived >= due, is_sent], ["in_time", "late", "not_arrived"], "unknown")
    orders["fate"] = fate
    return orders, pd.read_csv(folder / FILES["reviews"]).merge(orders[["order_id", "fate"]], on="order_id")


def _mean(marks: pd.Series) -> tuple[float, float, float]:
    low, high = stats.t.interval(0.95, len(marks) - 1, marks.mean(), stats.sem(marks))
    return marks.mean(), low, high


def _cost(folder: Path, orders: pd.DataFrame) -> tuple[int, float, float, float]:
    """Late deliveries of the period, share of next orders after one in time and after a late one, money lost."""
    people = pd.read_csv(folder / FILES["customers"]).set_index("customer_id")["customer_unique_id"]
    goods = pd.read_csv(folder / FILES["items"]).groupby("order_id")["price"].sum()
    rows = orders[~orders["order_status"].isin(["canceled", "unavailable"])].copy()
    rows["person"] = rows["customer_id"].map(people)
    rows["amount"] = rows["order_id"].map(goods).fillna(0)
    rows = rows.sort_values(["person", "purchase_timestamp"])
    rows["nth"] = rows.groupby("person").cumcount()
    rows["next"] = rows.groupby("person")["purchase_timestamp"].shift(-1)
    first, last = (pd.Timestamp(day) for day in PERIOD)
    day = rows["delivered_customer_date"].dt.normalize()
    is_late = rows["fate"] == "late"
    late = int((is_late & day.between(first, last)).sum())
    end = last + pd.Timedelta(days=1 - 60)
    seen = day.notna() & (day >= end - pd.Timedelta(days=365)) & (day < end)
    seen &= ~(rows["next"] <= rows["delivered_customer_date"])
    group = rows[seen].assign(
        month=((day - pd.Timestamp("1970-01-01")).dt.days / 30.4375 // 1),
        level=rows["nth"].map(lambda nth: min(nth, 1) + (nth > 2)),
        again=rows["next"] <= rows["delivered_customer_date"] + pd.Timedelta(days=60),
    )
    counted = group.groupby(["month", "level", "fate"])["again"].agg(["size", "sum"]).unstack(fill_value=0)
    counted = counted[(counted["size", "late"] > 0) & (counted["size", "in_time"] >= 10)]
    weight = counted["size", "late"] / counted["size", "late"].sum()
    expected = float((weight * counted["sum", "in_time"] / counted["size", "in_time"]).sum())
    happened = float(counted["sum", "late"].sum() / counted["size", "late"].sum())
    bought = rows["purchase_timestamp"].dt.normalize().between(last - pd.Timedelta(days=364), last)
    known_late = is_late & (day <= last)  # what came after the period is not known at its end
    worth = rows.loc[bought & ~known_late, "amount"].mean()
    return late, expected, happened, late * (expected - happened) * worth


def _fill(folder: Path, files: Path) -> Workspace:
    shop = proof.workspace(folder, "America/Sao_Paulo", "BRL")
    for name, file in FILES.items():
        proof.take(shop, files / file, EXAMPLES / f"{name}.yaml")
    return shop


@pytest.mark.parametrize("each", [8, pytest.param(1, marks=pytest.mark.heavy)])
def test_stars_late_deliveries_and_what_they_cost(tmp_path: Path, each: int) -> None:
    """Of all customers as the page tells it."""
    folder = OLIST if each == 1 else _part(tmp_path, each)
    orders, reviews = _raw(folder)
    shop = _fill(tmp_path / "olist", folder)
    stars = proof.figure(shop, "star_rating")
    assert stars == ("rating", *map(pytest.approx, _mean(reviews["review_score"])), len(reviews))
    by_fate = proof.by_cut(shop, "star_rating", by="delivery")
    assert by_fate == {
        fate: ("rating", *map(pytest.approx, _mean(marks)), len(marks))
        for fate, marks in reviews.groupby("fate")["review_score"]
    }
    sent = orders[(orders["fate"] != "unknown") & ~orders["order_status"].isin(["canceled", "unavailable"])]
    missed = int((sent["fate"] != "in_time").sum())
    share = proof.figure(shop, "late_delivery_share")
    assert share == ("share", *map(pytest.approx, (missed / len(sent), *proof.agresti_coull(missed, len(sent)))), len(sent))  # fmt: skip
    fates = [by_fate[fate] for fate in ("in_time", "late", "not_arrived", "unknown")]
    late, expected, happened, lost = _cost(folder, orders)
    (flow,) = flywheel(shop, since=PERIOD[0], until=PERIOD[1]).friction.outflows
    assert (flow.name, flow.cases, flow.amount) == ("late", late, pytest.approx(lost))
    assert (f"{expected:.1%}" in flow.expected.en) and (f"{happened:.1%}" in flow.happened.en)
    if each == 1:
        for language in ("en", "de"):
            proof.check_said("olist", language, [text.in_(language) for text in (flow.basis, flow.expected, flow.happened, flow.comparison)])  # fmt: skip
        proof.check_told("olist", [stars, *fates, share, ("BRL", flow.amount, flow.low, flow.high, flow.cases)])
    shop.store.close()
