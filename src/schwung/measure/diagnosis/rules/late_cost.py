"""Late deliveries cost the next order."""

from collections.abc import Sequence

from schwung.core.text import Text
from schwung.measure.diagnosis.finding import Finding
from schwung.measure.diagnosis.outflows import AT_LEAST, of_outflow
from schwung.measure.diagnosis.rule import Context, Rule
from schwung.measure.diagnosis.texts import metric

_CLAIM = Text(
    "Late deliveries cost {n} customers their next order.",
    "Verspätete Lieferungen kosten bei {n} Kunden Folgebestellungen.",
)
_LOOK = metric("late_delivery_share", Text("late deliveries", "Verspätungen"))


def judge(rule: Rule, context: Context) -> Sequence[Finding]:
    return of_outflow(rule, context, "late", _CLAIM, _LOOK)


RULE = Rule(
    name="late_cost",
    title=Text("Late deliveries cost the next order", "Späte Lieferungen kosten die nächste Bestellung"),
    sort="standing",
    phase="interact",
    definition=Text(
        "The same money as the wheel's outflow; the whole interval lies above the threshold.",
        "Dasselbe Geld wie am Abfluss des Schwungrads; das ganze Intervall liegt über der Schwelle.",
    ),
    threshold=AT_LEAST,
    judge=judge,
)
