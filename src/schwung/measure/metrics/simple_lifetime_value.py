"""The simple formula of customer lifetime value."""

from dataclasses import replace

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure.customer_value import VALUE_CUTS, flows
from schwung.measure.example import Example, Return, Sale
from schwung.measure.lifecycle import customer_orders
from schwung.measure.margin import needs_margin
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.sources import CLV
from schwung.measure.spending import newcomers
from schwung.measure.valuation import Valuation


def expression(scope: Scope) -> ir.Table:
    new = newcomers(scope).select(*scope.by, "customer_id", first_at="ordered_at")
    brought = flows(scope, "margin").group_by("customer_id").agg(m=_.minor.sum())
    whole = replace(scope, question=replace(scope.question, by=(), since_on=None, until_on=None), moments=None)
    last = customer_orders(whole).group_by("customer_id").agg(last_at=_.ordered_at.max())
    now = ibis.literal(scope.question.as_of, "int64")
    rows = new.join(brought, "customer_id", rname="b_{name}").join(last, "customer_id", rname="l_{name}")
    # Whole minor units and days: their sums are exact, so that the interval is the same on every engine.
    rows = rows.mutate(
        m=rows.m.round().cast("float64"),
        l=((ibis.least(rows.last_at + scope.question.lost_after, now) - rows.first_at) // DAY).cast("float64"),
        t=((now - rows.first_at) // DAY + 1).cast("float64"),
    )
    return scope.group(
        rows,
        n=_.count(),
        sum_m=_.m.sum(),
        sum_l=_.l.sum(),
        sum_t=_.t.sum(),
        sum_mm=(_.m * _.m).sum(),
        sum_ll=(_.l * _.l).sum(),
        sum_tt=(_.t * _.t).sum(),
        sum_ml=(_.m * _.l).sum(),
        sum_mt=(_.m * _.t).sum(),
        sum_lt=(_.l * _.t).sum(),
    )


METRIC = Metric(
    name="simple_lifetime_value",
    title=Text("CLV by the simple formula", "CLV nach einfacher Formel"),
    unit="money",
    subject="money",
    better="higher",
    needs=(
        "orders",
        "returns",
        "order_lines",
        "products",
    ),
    expression=expression,
    estimate="formula",
    least=30,
    window_days=365,
    cuts=VALUE_CUTS,
    basis=Text("customers", "Kunden"),
    requires=needs_margin,
    definition=Text(
        "Margin per order × orders a year × lifetime in years, of the customers whose first order lies in the "
        "window. Orders a year: over the time since the first order. Lifetime: from the first order until the "
        "customer is lost (`lost_after_days` days after the last one) or until now.",
        "Marge je Bestellung × Bestellungen im Jahr × Lebensdauer in Jahren, über die Kunden, deren erste "
        "Bestellung im Zeitraum liegt. Bestellungen im Jahr: über die Zeit seit der ersten. Lebensdauer: von der "
        "ersten Bestellung, bis der Kunde abgewandert ist (`lost_after_days` Tage nach der letzten), oder bis "
        "jetzt.",
    ),
    leaves_out=Text(
        "Guests; customers whose first order lies outside the window; cancelled orders; orders whose margin is "
        "not known, where margin counts.",
        "Gäste; Kunden, deren erste Bestellung außerhalb des Zeitraums liegt; stornierte Bestellungen; "
        "Bestellungen ohne bekannte Marge, wenn Marge zählt.",
    ),
    reading=Text(
        "A rule of thumb from averages, as textbooks have it: it takes margin, rhythm and lifetime as "
        "independent, which they are not. Rely on the CLV beside it.",
        "Eine Faustformel aus Durchschnitten, wie sie in Lehrbüchern steht: Sie nimmt Marge, Rhythmus und "
        "Lebensdauer als unabhängig an, was sie nicht sind. Verlässlicher ist der CLV daneben.",
    ),
    source=CLV,
    example=Example(
        as_of="2026-12-31",
        value=Valuation(margin_rate=0.5),
        sales=(
            Sale("anna", "2026-01-05", 60, is_net=True),  # lost on 2026-07-04: 180 of the 360 days since, 361 counted
            Sale("ben", "2026-01-05", 40, is_net=True),
        ),
        returns=(Return("anna", "2026-03-05", 0, undoes=0),),  # a return is no order: nobody lives longer by it
        # Mean margin 25 × lifetime 180 ÷ time 361; margins 30 and 20 vary by 1/5, the rest not at all:
        # factor exp(12.706205 · 0.2) = 12.695415
        answers={None: ({"value": 12.465374, "low": 0.981880, "high": 158.253102, "n": 2},)},
    ),
)
