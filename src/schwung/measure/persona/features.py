"""What personas are told by: one row per customer who ordered in the year before, a number per feature."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from schwung.core.text import Text
from schwung.measure.scope import Scope
from schwung.measure.scores import scores

Run = Callable[[ir.Table], pa.Table]
YEAR_DAYS = 365
MOST_CHANNELS, MOST_CATEGORIES = 4, 5
_LEAST_SHARE = 0.05
"""A channel or category of less is left to “others”, which is no feature."""
_LEAST_ANSWERED = 0.2

Kind = Literal["money", "count", "share", "score"]


@dataclass(frozen=True, slots=True)
class Feature:
    """kind: how its mean reads. log: it is compared on a logarithmic scale. of: channel or category that a share is of.

    weight: of its square in the distance; the shares of one kind together weigh as much as one other feature.
    """

    name: str
    title: Text
    high: Text
    low: Text | None
    kind: Kind
    log: bool = False
    of: str = ""
    weight: float = 1.0


REVENUE = Feature("revenue", Text("Revenue a year", "Umsatz im Jahr"), Text("big spenders", "umsatzstark"), Text("small spenders", "umsatzschwach"), "money", log=True)  # fmt: skip
ORDERS = Feature("orders", Text("Orders a year", "Bestellungen im Jahr"), Text("regulars", "Vielbesteller"), Text("rare buyers", "Seltenbesteller"), "count", log=True)  # fmt: skip
BASKET = Feature("basket", Text("Value of an order", "Wert einer Bestellung"), Text("large baskets", "große Körbe"), Text("small baskets", "kleine Körbe"), "money", log=True)  # fmt: skip
DISCOUNT = Feature(
    "discount", Text("Discount share", "Rabattanteil"), Text("deal seekers", "Schnäppchenjäger"), None, "share"
)
RETURNS = Feature("returns", Text("Share sent back", "Anteil zurückgeschickt"), Text("send much back", "schicken viel zurück"), None, "share")  # fmt: skip
SATISFACTION = Feature("satisfaction", Text("Satisfaction (0–100)", "Zufriedenheit (0–100)"), Text("delighted", "begeistert"), Text("dissatisfied", "unzufrieden"), "score")  # fmt: skip
_ALWAYS = (REVENUE, ORDERS, BASKET)


@dataclass(frozen=True, slots=True)
class Found:
    """features in the order of the columns that follow `customer_id` in `rows`; a score may be null."""

    features: tuple[Feature, ...]
    rows: pa.Table


def features_of(scope: Scope, run: Run) -> Found:
    """scope: its window is the year, cut by nothing. People who objected (Art. 21 GDPR), guests and the erased are not in it."""
    channels = _top(run(_sums(scope.also("channel"), "channel")), MOST_CHANNELS)
    categories = _top(run(_categories(scope)), MOST_CATEGORIES)
    rows = run(_rows(scope, channels, categories))
    chosen = [*_ALWAYS]
    if _any(rows, "discount"):
        chosen.append(DISCOUNT)
    if _any(rows, "returns"):
        chosen.append(RETURNS)
    if rows.num_rows and 1 - rows["satisfaction"].null_count / rows.num_rows >= _LEAST_ANSWERED:
        chosen.append(SATISFACTION)
    chosen += [_share(f"channel_{at}", name, "channel", len(channels)) for at, name in enumerate(channels)]
    chosen += [_share(f"category_{at}", name, "category", len(categories)) for at, name in enumerate(categories)]
    return Found(tuple(chosen), rows.select(["customer_id", *(feature.name for feature in chosen)]))


def _share(column: str, name: str, kind: str, count: int) -> Feature:
    if kind == "channel":
        title = Text("Orders by {name}", "Bestellungen über {name}").fill(name=name)
        high = Text("by {name}", "über {name}").fill(name=name)
    else:
        title = Text("Revenue with {name}", "Umsatz mit {name}").fill(name=name)
        high = Text("{name} buyers", "{name}-Käufer").fill(name=name)
    return Feature(column, title, high, None, "share", of=name, weight=1 / count)


def _rows(scope: Scope, channels: Sequence[str], categories: Sequence[str]) -> ir.Table:
    orders = scope.also("channel").sales()
    orders = orders.filter(_.customer_id.notnull())
    per = orders.group_by("customer_id").agg(
        orders=_.count().cast("float64"),
        bought=_.amount_minor.fill_null(0).sum().cast("float64"),
        rebate=_.discount_minor.fill_null(0).sum().cast("float64"),
        **{
            f"channel_{at}": (_.channel == name).fill_null(False).cast("float64").mean()
            for at, name in enumerate(channels)
        },
    )
    back = scope.returns().filter(_.customer_id.notnull())
    back = back.group_by("customer_id").agg(back=_.amount_minor.fill_null(0).sum().cast("float64"))
    told = scores(scope).group_by("customer_id").agg(satisfaction=_.score.mean())
    rows = per.left_join(back, "customer_id", rname="back_{name}").left_join(told, "customer_id", rname="told_{name}")
    if categories:
        goods = _goods(scope)
        shares = goods.group_by("customer_id").agg(
            **{
                f"category_{at}": ibis.cases((_.category == name, _.amount), else_=0.0).sum()
                / _.amount.sum().nullif(0.0)
                for at, name in enumerate(categories)
            }
        )
        rows = rows.left_join(shares, "customer_id", rname="goods_{name}")
    objected = scope.table("profiles", False).filter(_.has_objected).select("customer_id")
    rows = rows.anti_join(objected, "customer_id")
    return rows.select(
        "customer_id",
        "orders",
        "satisfaction",
        revenue=rows.bought - rows.back.fill_null(0.0),
        basket=rows.bought / rows.orders,
        discount=(rows.rebate / (rows.bought + rows.rebate).nullif(0.0)).fill_null(0.0),
        returns=ibis.least(rows.back.fill_null(0.0) / rows.bought.nullif(0.0), 1.0).fill_null(0.0),
        **{name: rows[name].fill_null(0.0) for name in rows.columns if name.startswith(("channel_", "category_"))},
    )


def _goods(scope: Scope) -> ir.Table:
    """customer_id, category, amount of the goods bought by known customers."""
    kept = scope.sales().filter(_.customer_id.notnull()).select("order_key", "customer_id")
    lines = scope.table("order_lines", False).filter(_.is_product)
    products = scope.table("products", False).filter(_.category.notnull())
    kinds = products.group_by("product_id").agg(category=_.category.min())
    goods = lines.join(kept, "order_key", rname="kept_{name}").left_join(kinds, "product_id", rname="kind_{name}")
    return goods.select("customer_id", "category", amount=_.amount_minor.fill_null(0).cast("float64"))


def _categories(scope: Scope) -> ir.Table:
    goods = _goods(scope)
    return goods.group_by(name=goods.category).agg(size=_.amount.sum())


def _sums(scope: Scope, cut: str) -> ir.Table:
    sales = scope.sales()
    sales = sales.filter(sales.customer_id.notnull())
    return sales.group_by(name=sales[cut]).agg(size=_.count().cast("float64"))


def _top(sizes: pa.Table, most: int) -> list[str]:
    """The largest by size, then by name; none where all belong to one."""
    rows: list[dict[str, Any]] = sizes.to_pylist()
    total = sum(row["size"] or 0.0 for row in rows)
    named = [
        row for row in rows if row["name"] is not None and total > 0 and (row["size"] or 0.0) / total >= _LEAST_SHARE
    ]
    ranked = sorted(named, key=lambda row: (-row["size"], row["name"]))[:most]
    return [row["name"] for row in ranked] if len(ranked) > 1 else []


def _any(rows: pa.Table, column: str) -> bool:
    return bool(rows.num_rows) and max(rows[column].to_numpy()) > 0
