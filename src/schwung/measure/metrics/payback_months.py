"""Months until a new customer has paid back its acquisition."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.customer_value import MONTH, flows
from schwung.measure.example import Example, Sale
from schwung.measure.example_facts import Spent
from schwung.measure.margin import needs_margin
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.sources import PAYBACK
from schwung.measure.spending import SPEND_CUTS, acquisition_spend, newcomers
from schwung.measure.valuation import Valuation


def expression(scope: Scope) -> ir.Table:
    now = scope.question.as_of
    new = newcomers(scope).select(*scope.by, "customer_id", first_at="ordered_at")
    new = new.mutate(whole=(now + 1 - new.first_at) // MONTH)
    nothing, none = ibis.literal(0.0), ibis.literal(0, "int64")
    unknown = ibis.null("int64")
    known = scope.group(new, "whole", known=_.count())
    known = known.select(
        *scope.by, age="whole", known="known", total=nothing, squares=nothing, customers="known", spend=unknown
    )
    rows = flows(scope, "margin").join(new.select("customer_id", "first_at", "whole").distinct(), "customer_id")
    rows = rows.mutate(age=(rows["at"] - rows.first_at) // MONTH).filter(_.age < _.whole)
    each = rows.group_by(["customer_id", "age"]).agg(minor=_.minor.sum())
    each = new.select(*scope.by, "customer_id").join(each, "customer_id", rname="e_{name}")
    brought = scope.group(each, "age", total=_.minor.sum(), squares=(_.minor * _.minor).sum())
    brought = brought.select(
        *scope.by, "age", known=none, total="total", squares="squares", customers=none, spend=unknown
    )
    bins = known.union(brought)
    bins = scope.group(
        bins, "age", known=_.known.sum(), total=_.total.sum(), squares=_.squares.sum(), heads=_.customers.sum()
    )
    whole = scope.group(_spend_and_heads(scope, new), customers=_.n.sum(), spend=_.total.sum())
    keys = list(scope.by)
    joined = bins.left_join(whole, keys, rname="w_{name}") if keys else bins.cross_join(whole)
    return joined.select(*keys, "age", "known", "total", "squares", "customers", "spend")


def _spend_and_heads(scope: Scope, new: ir.Table) -> ir.Table:
    heads = new.select(*scope.by, total=ibis.null("int64"), n=ibis.literal(1, "int64"))
    return acquisition_spend(scope).union(heads)


METRIC = Metric(
    name="payback_months",
    title=Text("Payback", "Amortisation"),
    unit="months",
    subject="money",
    better="lower",
    needs=(
        "orders",
        "returns",
        "order_lines",
        "products",
        "spend",
    ),
    expression=expression,
    estimate="payback",
    least=30,
    window_days=365,
    cuts=SPEND_CUTS,
    basis=Text("new customers", "neue Kunden"),
    requires=lambda value: ("spend", *needs_margin(value)),
    definition=Text(
        "Months after the first order until the mean margin of the customers acquired in the window, cumulated by "
        "month, reaches their acquisition cost (spend ÷ new customers of the window).",
        "Monate nach der ersten Bestellung, bis die kumulierte mittlere Marge der im Zeitraum gewonnenen Kunden "
        "ihre Akquisitionskosten (Ausgaben ÷ neue Kunden des Zeitraums) erreicht.",
    ),
    leaves_out=Text(
        "Guests; of each customer the month that is not whole yet; orders whose margin is not known.",
        "Gäste; bei jedem Kunden der noch nicht volle Monat; Bestellungen ohne bekannte Marge.",
    ),
    reading=Text(
        "No value: not paid back so far. A month is a twelfth of a year; within a month the margin is taken as "
        "coming evenly.",
        "Kein Wert: bisher nicht amortisiert. Ein Monat ist ein Zwölftel des Jahres; innerhalb eines Monats gilt "
        "die Marge als gleichmäßig verteilt.",
    ),
    source=PAYBACK,
    example=Example(
        as_of="2026-06-30",
        value=Valuation(margin_rate=0.5),
        sales=(
            Sale("anna", "2026-01-05", 40, is_net=True),  # margin 20 in the first month, 20 in the second
            Sale("anna", "2026-02-15", 40, is_net=True),
            Sale("ben", "2026-01-06", 40, is_net=True),  # 20 in the first, 20 in the third
            Sale("ben", "2026-03-20", 40, is_net=True),
        ),
        spent=(Spent("2026-01-02", "paid_search", 50),),
        # 25 each: 20 after the first month, 30 after the second: half of it.
        answers={None: ({"value": 1.5, "n": 2},), "month": ({"month": "2026-01", "value": 1.5, "n": 2},)},
    ),
)
