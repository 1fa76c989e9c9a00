"""What acquired customers brought per unit of acquisition spend."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Return, Sale
from schwung.measure.example_facts import Spent
from schwung.measure.metric import Metric
from schwung.measure.predicted import best_values, remark
from schwung.measure.scope import Scope
from schwung.measure.sources import COMPOUND_POISSON
from schwung.measure.spending import SPEND_CUTS, acquisition_spend


def expression(scope: Scope) -> ir.Table:
    worth = best_values(scope, less_cac=False)
    came = worth.select(
        *scope.by, total="worth", squares=worth.worth * worth.worth, n=ibis.literal(1, "int64"), cost=ibis.null("int64")
    )
    spent = acquisition_spend(scope)
    paid = spent.select(*scope.by, total=ibis.literal(0.0), squares=ibis.literal(0.0), n=spent.n, cost=spent.total)
    return scope.group(came.union(paid), total=_.total.sum(), squares=_.squares.sum(), n=_.n.sum(), cost=_.cost.sum())


METRIC = Metric(
    name="clv_cac_ratio",
    title=Text("CLV : CAC", "CLV : CAC"),
    unit="ratio",
    subject="money",
    better="higher",
    needs=(
        "orders",
        "returns",
        "spend",
        "predictions",
    ),
    expression=expression,
    estimate="compound",
    least=30,
    window_days=365,
    cuts=SPEND_CUTS,
    basis=Text("new customers", "neue Kunden"),
    requires=lambda value: ("spend", *(("margin", "tax") if value.basis == "margin" else ())),
    remark=remark,
    definition=Text(
        "What the customers whose first order lies in the window bring over their lifetime (CLV, acquisition cost not "
        "deducted) ÷ spend in the window to attract customers: predicted where a model of customer value was trained, "
        "else what they brought until now.",
        "Was die Kunden, deren erste Bestellung im Zeitraum liegt, über ihre Lebenszeit einbringen (CLV, ohne Abzug der "
        "Akquisitionskosten), ÷ Ausgaben im Zeitraum, um Kunden anzuziehen: vorhergesagt, wo ein Modell des Kundenwerts "
        "trainiert wurde, sonst was sie bis jetzt eingebracht haben.",
    ),
    leaves_out=Text(
        "Guests; customers whose first order lies outside the window; cancelled orders; orders whose margin is "
        "not known, where margin counts.",
        "Gäste; Kunden, deren erste Bestellung außerhalb des Zeitraums liegt; stornierte Bestellungen; "
        "Bestellungen ohne bekannte Marge, wenn Marge zählt.",
    ),
    reading=Text(
        "3 or more is good. Where it is historic, young customers still bring more: short and recent periods look worse than "
        "they will be. By revenue it flatters; set the basis to margin.",
        "3 oder mehr ist gut. Wo es historisch ist, bringen junge Kunden noch mehr: Kurze und junge Zeiträume sehen schlechter "
        "aus, als sie werden. Nach Umsatz schmeichelt es; als Basis Marge einstellen.",
    ),
    source=COMPOUND_POISSON,
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
        # 160 ÷ 60; squares 6,400 + 900 + 2,500: × and ÷ exp(1.959964 · √9800 ÷ 160) = 3.362436
        answers={
            None: ({"value": 2.666667, "low": 0.793076, "high": 8.966497, "n": 3},),
            "month": (
                {"month": "2026-01", "value": 2.75, "n": 2},
                {"month": "2026-02", "value": 2.5, "n": 1},
            ),
        },
    ),
)
