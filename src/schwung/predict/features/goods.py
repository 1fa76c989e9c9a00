"""What kinds of goods customers bought: categories, prices, steps up."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.lifecycle import customer_orders
from schwung.measure.scope import Scope
from schwung.predict.features.feature import Feature, Group, before

STEP = 1.25
"""So many times dearer is a step up in price."""
_PER = ["customer_id", "moment_at"]

FEATURES = (
    Feature("categories", Text("Categories bought", "Gekaufte Kategorien"), "count",
            Text("bought from {value} categories", "aus {value} Kategorien gekauft"), "categories",
            one=Text("bought from one category only", "nur aus einer Kategorie gekauft")),
    Feature("dearest", Text("Dearest product bought", "Teuerster gekaufter Artikel"), "money",
            Text("dearest product so far {value}", "teuerster Artikel bisher {value}"), "prices", absent=None),
    Feature("mean_price", Text("Price of what is bought", "Preis des Gekauften"), "money",
            Text("products of {value} on average", "Artikel zu {value} im Schnitt"), "prices", absent=None),
    Feature("steps_up", Text("Steps up so far", "Bisherige Stufen nach oben"), "count",
            Text("{value} steps up in price so far", "bisher {value} Preisstufen nach oben"), "ups",
            one=Text("one step up in price so far", "bisher eine Preisstufe nach oben"),
            zero=Text("never a step up in price", "nie eine Preisstufe nach oben")),
)  # fmt: skip


def bought(scope: Scope) -> ir.Table:
    """One row per line of goods of a customer: customer_id, ordered_at, category, price (of one piece, minor units), is_up: at
    least a quarter dearer than anything that the customer had bought of the category before; is_new: the customer's first of
    the category, after the first order. Nothing here looks at what came later, or at what others bought."""
    orders = customer_orders(scope).select("order_key", "customer_id", "ordered_at")
    lines = scope.table("order_lines", False).filter(_.is_product, _.product_id.notnull(), _.amount_minor > 0)
    pieces = lines.quantity.cast("float64")
    lines = lines.mutate(price=lines.amount_minor.cast("float64") / pieces.nullif(0.0)).filter(_.price > 0)
    kinds = scope.table("products", False).filter(_.category.notnull())
    kinds = kinds.group_by("product_id").agg(category=_.category.min())
    known = lines.select("order_key", "line_key", "product_id", "price").join(kinds, "product_id", rname="kind_{name}")
    rows = known.join(orders, "order_key", rname="order_{name}")
    so_far = {"group_by": ["customer_id", "category"], "order_by": ["ordered_at", "order_key", "line_key"]}
    rows = rows.mutate(
        had=rows.price.max().over(ibis.window(**so_far, preceding=(None, 1))),
        first_at=rows.ordered_at.min().over(ibis.window(group_by="customer_id")),
    )
    return rows.select(
        "customer_id", "ordered_at", "category", "price",
        is_up=(rows.price >= STEP * rows.had).fill_null(False),
        is_new=rows.had.isnull() & (rows.ordered_at > rows.first_at),
    )  # fmt: skip


def _rows(scope: Scope, moments: ir.Table) -> ir.Table:
    met = before(moments, bought(scope), "ordered_at")
    return met.group_by(_PER).agg(
        categories=met.category.nunique().cast("float64"),
        dearest=met.price.max(),
        mean_price=met.price.mean(),
        steps_up=met.is_up.cast("float64").sum(),
    )


GROUPS = (Group("goods", ("orders", "order_lines", "products"), FEATURES, _rows),)
