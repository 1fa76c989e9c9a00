"""Acquisition spend per new customer from paid channels."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale, Touch
from schwung.measure.example_facts import Spent
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.sources import POISSON
from schwung.measure.spending import SPEND_CUTS, each, newcomers


def expression(scope: Scope) -> ir.Table:
    by_channel = scope.also("channel")
    both = each(by_channel, newcomers(by_channel)).filter(_.total.notnull())
    return scope.group(both, total=_.total.sum(), n=_.n.sum())


METRIC = Metric(
    name="paid_acquisition_cost",
    title=Text("CAC of paid channels", "CAC bezahlter Kanäle"),
    unit="money",
    subject="attract",
    better="lower",
    needs=(
        "spend",
        "orders",
        "events",
    ),
    expression=expression,
    estimate="cost_each",
    least=30,
    cuts=SPEND_CUTS,
    basis=Text("new customers", "neue Kunden"),
    requires=always("spend"),
    definition=Text(
        "Spend in the window to attract customers ÷ new customers whose first order came by a channel on which "
        "was spent in the window.",
        "Ausgaben im Zeitraum, um Kunden anzuziehen, ÷ neue Kunden, deren erste Bestellung über einen Kanal kam, "
        "für den im Zeitraum ausgegeben wurde.",
    ),
    leaves_out=Text(
        "Spend for interaction and delight; cancelled orders; new customers among guests, who are not known.",
        "Ausgaben für Interaktion und Begeisterung; stornierte Bestellungen; neue Kunden unter Gästen, die "
        "niemand kennt.",
    ),
    reading=Text(
        "Higher than the blended cost, since customers who came for nothing do not count. Whether paid channels "
        "would have been needed for them, it does not say.",
        "Höher als die Gesamtkosten, weil kostenlos gekommene Kunden nicht zählen. Ob es die bezahlten Kanäle für "
        "sie gebraucht hätte, sagt sie nicht.",
    ),
    source=POISSON,
    example=Example(
        as_of="2026-03-31",
        spent=(
            Spent("2026-01-02", "paid_search", 60),
            Spent("2026-01-03", "paid_social", 30),
            Spent("2026-02-02", "paid_search", 30),
            Spent("2026-02-02", "email", 99, phase="delight"),  # not for acquisition
        ),
        sales=(
            Sale("anna", "2026-01-05"),
            Sale("anna", "2026-02-05"),
            Sale("ben", "2026-01-06"),
            Sale("cem", "2026-02-07"),
            Sale("dana", "2026-03-07"),
            Sale(None, "2026-01-07"),
        ),
        touches=(Touch("anna", "2026-01-04", "paid_search"), Touch("cem", "2026-02-07 10:00", "paid_search")),
        # 120 for anna and cem; × and ÷ exp(1.959964 ÷ √2) = 3.998438
        answers={
            None: ({"value": 60.0, "low": 15.005859, "high": 239.906289, "n": 2},),
            "month": ({"month": "2026-01", "value": 90.0, "n": 1}, {"month": "2026-02", "value": 30.0, "n": 1}),
        },
    ),
)
