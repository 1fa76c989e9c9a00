"""Acquisition spend per new customer."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.example import Example, Sale, Touch
from schwung.measure.example_facts import Spent
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.sources import POISSON
from schwung.measure.spending import SPEND_CUTS, each, newcomers


def expression(scope: Scope) -> ir.Table:
    return each(scope, newcomers(scope))


METRIC = Metric(
    name="customer_acquisition_cost",
    title=Text("Customer acquisition cost (CAC)", "Akquisitionskosten je Kunde (CAC)"),
    unit="money",
    subject="attract",
    better="lower",
    needs=(
        "spend",
        "orders",
    ),
    expression=expression,
    estimate="cost_each",
    least=30,
    cuts=SPEND_CUTS,
    basis=Text("new customers", "neue Kunden"),
    requires=always("spend"),
    definition=Text(
        "Blended: spend in the window to attract customers (marketing and sales, or for no stated phase) ÷ "
        "customers whose first order ever lies in the window, however they came.",
        "Gesamt: Ausgaben im Zeitraum, um Kunden anzuziehen (Marketing und Vertrieb, oder ohne Phase), ÷ Kunden, "
        "deren allererste Bestellung im Zeitraum liegt, wie auch immer sie kamen.",
    ),
    leaves_out=Text(
        "Spend for interaction and delight; cancelled orders; new customers among guests, who are not known.",
        "Ausgaben für Interaktion und Begeisterung; stornierte Bestellungen; neue Kunden unter Gästen, die "
        "niemand kennt.",
    ),
    reading=Text(
        "Spend is exact; the interval allows for the number of customers that it happened to bring. A channel or "
        "month without stated spend has no value, not 0. Spend works later than it is paid: short periods "
        "mislead.",
        "Die Ausgaben sind exakt; das Intervall trägt der Zahl der Kunden Rechnung, die sie zufällig brachten. "
        "Ein Kanal oder Monat ohne Ausgaben hat keinen Wert, nicht 0. Ausgaben wirken später, als sie anfallen: "
        "Kurze Zeiträume täuschen.",
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
        # 120 ÷ 4 new customers; × and ÷ exp(1.959964 ÷ √4) = 2.664408
        answers={
            None: ({"value": 30.0, "low": 11.259536, "high": 79.932248, "n": 4},),
            "month": (
                {"month": "2026-01", "value": 45.0, "n": 2},
                {"month": "2026-02", "value": 30.0, "n": 1},
                {"month": "2026-03", "value": None, "n": 1},
            ),
            "channel": (
                {"channel": "paid_search", "value": 45.0, "n": 2},
                {"channel": "paid_social", "value": None, "n": 0},
                {"channel": "unknown", "value": None, "n": 2},
            ),
        },
    ),
)
