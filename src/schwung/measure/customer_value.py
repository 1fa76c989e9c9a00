"""What customers were worth so far: revenue or margin since their first order, discounted, over a horizon, less their cost.

Historic: it adds up what happened and predicts nothing.
"""

from dataclasses import replace

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure.lifecycle import customer_orders
from schwung.measure.margin import order_margins
from schwung.measure.question import Question
from schwung.measure.scope import Scope
from schwung.measure.shared import WHOLE_ORDER_CUTS
from schwung.measure.spending import acquisition_spend, newcomers
from schwung.measure.valuation import Basis, Valuation

VALUE_CUTS = tuple(cut for cut in WHOLE_ORDER_CUTS if cut != "kind")
YEAR = 365.25 * DAY
MONTH = int(YEAR / 12)
_CLASSES = range(8, 28)
_ALL_ORDERS = Text("over all orders so far", "über alle bisherigen Bestellungen")


def needs_value(value: Valuation) -> tuple[str, ...]:
    return (*(("margin", "tax") if value.basis == "margin" else ()), *(("spend",) if value.less_cac else ()))


def historic_remark(question: Question) -> Text:
    """What the settings make of it, for beside the number."""
    return Text("Historic: {terms}.", "Historisch: {terms}.").fill(terms=terms(question))


def terms(question: Question, ever: Text = _ALL_ORDERS) -> Text:
    """How customer value is counted by the settings. ever: what it reaches over, where they name no horizon."""
    value = question.value
    basis = {"revenue": Text("revenue", "Umsatz"), "margin": Text("margin", "Marge")}[value.basis]
    cost = Text("less acquisition cost", "abzüglich Akquisitionskosten") if value.less_cac else Text(
        "acquisition cost not deducted", "ohne Abzug der Akquisitionskosten"
    )  # fmt: skip
    rate = value.discount_rate
    if rate is None:
        discount = Text("not discounted", "nicht abgezinst")
    else:
        shown = f"{100 * rate:g}"
        discount = Text(f"discounted at {shown}% a year", f"mit {shown.replace('.', ',')} % im Jahr abgezinst")
    months = value.horizon_months
    horizon = ever if months is None else Text(
        f"over {months} months from the first order", f"über {months} Monate ab der ersten Bestellung"
    )  # fmt: skip
    said = Text("{basis}, {cost}, {discount}, {horizon}", "{basis}, {cost}, {discount}, {horizon}")
    return said.fill(basis=basis, cost=cost, discount=discount, horizon=horizon)


def flows(scope: Scope, basis: Basis) -> ir.Table:
    """What customers brought, whenever until now: customer_id, at, minor (negative: it came back). Of margins, a return
    takes with it what the customer's goods brought on average; an order whose margin is not known is left out.
    """
    whole = replace(scope.bare, question=replace(scope.question, by=(), since_on=None, until_on=None))
    orders = customer_orders(whole).filter(_.amount_minor.notnull())
    back = whole.returns().filter(_.customer_id.notnull(), _.amount_minor.notnull())
    if basis == "revenue":
        came = orders.select("customer_id", at="ordered_at", minor=_.amount_minor.cast("float64"))
        return came.union(back.select("customer_id", at="returned_at", minor=-_.amount_minor.cast("float64")))
    orders = orders.join(order_margins(whole), "order_key").filter(_.margin_minor.notnull())
    brought = orders.group_by("customer_id").agg(brought=_.margin_minor.sum(), bought=_.amount_minor.sum())
    back = back.join(brought, "customer_id")
    part = back.amount_minor.cast("float64") * back.brought / back.bought.nullif(0)
    came = orders.select("customer_id", at="ordered_at", minor=_.margin_minor.cast("float64"))
    return came.union(back.select("customer_id", at="returned_at", minor=-part.fill_null(0.0)))


def values(scope: Scope, basis: Basis, *, less_cac: bool) -> ir.Table:
    """Per customer whose first order lies in the window: the cuts, customer_id, first_at, worth (minor units)."""
    new = newcomers(scope).select(*scope.by, "customer_id", first_at="ordered_at")
    known = scope.ready("worth") if basis == scope.question.value.basis else None
    worth = worths(scope, basis, new) if known is None else known
    found = new.left_join(worth, "customer_id", rname="w_{name}").mutate(worth=_.worth.fill_null(0.0))
    return less_cost(scope, found) if less_cac else found


def worths(scope: Scope, basis: Basis, new: ir.Table | None = None) -> ir.Table:
    """customer_id, worth (minor units) until now. new: customer_id, first_at of those who are asked for; None: all."""
    value = scope.question.value
    rows = flows(scope, basis)
    if value.horizon_months is not None or value.discount_rate is not None:
        who = scope.first_orders().rename(first_at="ordered_at") if new is None else new
        rows = rows.join(who.select("customer_id", "first_at").distinct(), "customer_id")
    if value.horizon_months is not None:
        rows = rows.filter(rows["at"] < rows.first_at + value.horizon_months * MONTH)
    minor = rows.minor
    if value.discount_rate is not None:
        minor = minor / ibis.literal(1.0 + value.discount_rate) ** ((rows["at"] - rows.first_at) / YEAR)
    return rows.mutate(minor=minor).group_by("customer_id").agg(worth=_.minor.sum())


def less_cost(scope: Scope, found: ir.Table) -> ir.Table:
    """found: with `worth`, which is lowered by what a new customer of the window cost."""
    cost = acquisition_spend(scope.bare).aggregate(spent=_.total.sum())
    heads = newcomers(scope.bare).aggregate(heads=_.count())
    both = found.cross_join(cost).cross_join(heads)
    return both.mutate(worth=both.worth - both.spent / both.heads).drop("spent", "heads")


def in_classes(scope: Scope, rows: ir.Table) -> ir.Table:
    """Statistics of the mean of `worth` by size class."""
    worth = rows.worth
    arms = [(worth < 0, -1), *((worth < 2**power, power) for power in _CLASSES)]
    rows = rows.mutate(size=ibis.cases(*arms, else_=_CLASSES.stop))
    return scope.group(rows, "size", n=_.count(), total=_.worth.sum(), squares=(_.worth * _.worth).sum())
