"""What customers were worth so far."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.customer_value import VALUE_CUTS, historic_remark, in_classes, needs_value, values
from schwung.measure.example import Example, Return, Sale
from schwung.measure.example_facts import Spent
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.sources import BOOTSTRAP


def expression(scope: Scope) -> ir.Table:
    value = scope.question.value
    return in_classes(scope, values(scope, value.basis, less_cac=value.less_cac))


METRIC = Metric(
    name="customer_lifetime_value",
    title=Text("CLV (historic)", "CLV (historisch)"),
    unit="money",
    subject="money",
    better="higher",
    needs=(
        "orders",
        "returns",
    ),
    expression=expression,
    estimate="money_mean",
    least=30,
    window_days=365,
    cuts=VALUE_CUTS,
    basis=Text("customers", "Kunden"),
    requires=needs_value,
    remark=historic_remark,
    definition=Text(
        "Mean over the customers whose first order lies in the window of what they brought until now: revenue or "
        "margin, returns deducted, with or without their acquisition cost, discounted, over a horizon, as the "
        "settings of value say.",
        "Mittel über die Kunden, deren erste Bestellung im Zeitraum liegt, was sie bis jetzt eingebracht haben: "
        "Umsatz oder Marge, Rückgaben abgezogen, mit oder ohne Akquisitionskosten, abgezinst, über einen "
        "Horizont, wie es die Einstellungen zum Wert sagen.",
    ),
    leaves_out=Text(
        "Guests; customers whose first order lies outside the window; cancelled orders; orders whose margin is "
        "not known, where margin counts.",
        "Gäste; Kunden, deren erste Bestellung außerhalb des Zeitraums liegt; stornierte Bestellungen; "
        "Bestellungen ohne bekannte Marge, wenn Marge zählt.",
    ),
    reading=Text(
        "Historic, no forecast: young customers still bring more, so younger cohorts look worth less. Compare "
        "cohorts over the same horizon.",
        "Historisch, keine Vorhersage: Junge Kunden bringen noch mehr, jüngere Kohorten sehen daher weniger wert "
        "aus. Kohorten über denselben Horizont vergleichen.",
    ),
    source=BOOTSTRAP,
    example=Example(
        as_of="2026-03-31",
        sales=(
            Sale("anna", "2026-01-05", 60, is_net=True),
            Sale("anna", "2026-03-05", 40, is_net=True),
            Sale("ben", "2026-01-06", 30, is_net=True),
            Sale("cem", "2026-02-07", 50, is_net=True),
            Sale(None, "2026-02-08", 99, is_net=True),
        ),
        returns=(Return("anna", "2026-03-10", 20, undoes=1),),
        spent=(Spent("2026-01-02", "paid_search", 40), Spent("2026-02-02", "paid_search", 20)),
        # 80, 30 and 50.
        answers={
            None: ({"value": 53.333333, "n": 3},),
            "month": ({"month": "2026-01", "value": 55.0, "n": 2}, {"month": "2026-02", "value": 50.0, "n": 1}),
        },
    ),
)
