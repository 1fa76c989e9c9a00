"""What customers are worth over their lifetime, by the model."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.customer_value import VALUE_CUTS, in_classes, needs_value
from schwung.measure.example import Example, Predicted, Return, Sale
from schwung.measure.example_facts import Spent
from schwung.measure.metric import Metric
from schwung.measure.predicted import best_values, remark
from schwung.measure.scope import Scope
from schwung.measure.sources import BOOTSTRAP
from schwung.measure.valuation import Valuation


def expression(scope: Scope) -> ir.Table:
    return in_classes(scope, best_values(scope, less_cac=scope.question.value.less_cac))


METRIC = Metric(
    name="predicted_lifetime_value",
    title=Text("CLV", "CLV"),
    unit="money",
    subject="money",
    better="higher",
    needs=("orders", "returns", "predictions"),
    expression=expression,
    estimate="money_mean",
    least=30,
    window_days=365,
    cuts=VALUE_CUTS,
    basis=Text("customers", "Kunden"),
    requires=needs_value,
    remark=remark,
    definition=Text(
        "Mean over the customers whose first order lies in the window of what they bring over their lifetime: what was brought "
        "so far and what a trained model of customer value predicts; without such a model what was brought until now.",
        "Mittel über die Kunden, deren erste Bestellung im Zeitraum liegt, was sie über ihre Lebenszeit einbringen: das Bisherige "
        "und was ein trainiertes Modell des Kundenwerts vorhersagt; ohne ein solches das bis jetzt Eingebrachte.",
    ),
    leaves_out=Text(
        "Guests; customers whose first order lies outside the window; cancelled orders. Of customers who came after the newest "
        "training, or who objected to predictions, only what they brought so far counts.",
        "Gäste; Kunden, deren erste Bestellung außerhalb des Zeitraums liegt; stornierte Bestellungen. Bei Kunden, die nach dem "
        "letzten Training kamen oder Vorhersagen widersprochen haben, zählt nur das bisher Eingebrachte.",
    ),
    reading=Text(
        "Young and old cohorts can be compared, as far as the days ahead reach. The interval says how far the customers of the "
        "window may stand for others, not how far the model may err: its page says that.",
        "Junge und alte Kohorten sind vergleichbar, soweit die Tage im Voraus reichen. Das Intervall sagt, wie weit die Kunden des "
        "Zeitraums für andere stehen, nicht, wie weit das Modell irren kann: Das sagt dessen Seite.",
    ),
    source=BOOTSTRAP,
    example=Example(
        as_of="2026-03-31",
        value=Valuation(is_predicted=True),
        sales=(
            Sale("anna", "2026-01-05", 60, is_net=True),
            Sale("anna", "2026-03-05", 40, is_net=True),
            Sale("ben", "2026-01-06", 30, is_net=True),
            Sale("cem", "2026-02-07", 50, is_net=True),
            Sale(None, "2026-02-08", 99, is_net=True),
        ),
        returns=(Return("anna", "2026-03-10", 20, undoes=1),),
        spent=(Spent("2026-01-02", "paid_search", 40), Spent("2026-02-02", "paid_search", 20)),
        predicted=(Predicted("anna", 200), Predicted("ben", 40), Predicted("dana", 900)),
        # 200, 40, and 50 so far: nothing is said of Cem.
        answers={
            None: ({"value": 96.666667, "n": 3},),
            "month": ({"month": "2026-01", "value": 120.0, "n": 2}, {"month": "2026-02", "value": 50.0, "n": 1}),
        },
    ),
)
