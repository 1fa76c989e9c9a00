"""Step 1, collect: one row per customer, made by the engine."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.measure.customer_value import flows
from schwung.measure.lifecycle import customer_orders
from schwung.measure.scope import Scope
from schwung.measure.step import json_text
from schwung.measure.valuation import Basis

YEAR, HALF = 365 * DAY, 182 * DAY
TRAITS: Mapping[str, tuple[str, ...]] = {
    "power": ("purchasing_power", "kaufkraft", "income", "einkommen", "household_income", "annual_revenue", "umsatzklasse"),
    "size": ("employees", "mitarbeiter", "company_size", "household_size", "haushaltsgroesse"),
    "region": ("region", "address.region", "state", "bundesland"),
}  # fmt: skip
"""What is asked of a customer's traits, and by which names; the first that is there counts."""


def base(scope: Scope, bases: tuple[Basis, ...]) -> ir.Table:
    """Customers with an order, without those who objected: customer_id, first_at, last_at; orders so far, of the year, the
    year before, the half year, the half before; per basis (revenue, margin) minor units so far, of the year, the year before;
    categories bought from; country, power, size, region, null where not known."""
    now = scope.question.as_of
    orders = customer_orders(scope)

    def within(rows: ir.Table, column: str, newest: int, length: int) -> ir.BooleanValue:
        # What is added to a column is the same at every moment: the statement is compiled once.
        return (rows[column] + newest <= now) & (rows[column] + (newest + length) > now)

    counts = {
        "orders_year": within(orders, "ordered_at", 0, YEAR),
        "orders_before": within(orders, "ordered_at", YEAR, YEAR),
        "orders_half": within(orders, "ordered_at", 0, HALF),
        "orders_half_before": within(orders, "ordered_at", HALF, HALF),
    }
    rows = orders.group_by("customer_id").agg(
        first_at=_.ordered_at.min(), last_at=_.ordered_at.max(), orders=_.count(),
        **{name: test.cast("int64").sum() for name, test in counts.items()},
    )  # fmt: skip
    rows = rows.anti_join(scope.table("profiles", False).filter(_.has_objected).select("customer_id"), "customer_id")
    for basis in bases:
        money = flows(scope, basis)
        minor = money.minor.round().cast("int64")
        sums = money.group_by("customer_id").agg(
            **{
                f"{basis}_all": minor.sum(),
                f"{basis}_year": ibis.cases((within(money, "at", 0, YEAR), minor), else_=0).sum(),
                f"{basis}_before": ibis.cases((within(money, "at", YEAR, YEAR), minor), else_=0).sum(),
            }
        )
        rows = _beside(rows, sums, 0)
    rows = _beside(rows, _categories(scope), 0)
    return _beside(rows, _told(scope, orders), None)


def _beside(rows: ir.Table, other: ir.Table, missing: int | None) -> ir.Table:
    joined = rows.left_join(other, "customer_id").drop("customer_id_right")
    if missing is None:
        return joined
    return joined.mutate(**{name: joined[name].fill_null(missing) for name in other.columns if name != "customer_id"})


def _categories(scope: Scope) -> ir.Table:
    """From how many categories a customer bought."""
    kinds = (
        scope.table("products", False).filter(_.category.notnull()).group_by("product_id").agg(kind=_.category.min())
    )
    lines = scope.table("order_lines", True).filter(_.is_product, _.customer_id.notnull())
    lines = lines.join(kinds, "product_id").select("customer_id", "kind").distinct()
    return lines.group_by("customer_id").agg(categories=_.count())


def _told(scope: Scope, orders: ir.Table) -> ir.Table:
    """What profiles and orders say of a customer: country, purchasing power, size, region."""
    stated = orders.group_by("customer_id").agg(ordered_from=_.country.max())
    profiles = scope.table("profiles", False).filter(~_.is_gone)
    found = {
        name: ibis.coalesce(*(json_text(profiles.traits, f"$.{trait}") for trait in traits))
        for name, traits in TRAITS.items()
    }
    told = profiles.select("customer_id", "country", **found)
    both = stated.left_join(told, "customer_id").drop("customer_id_right")
    return both.mutate(country=ibis.coalesce(both.country, both.ordered_from)).drop("ordered_from")
