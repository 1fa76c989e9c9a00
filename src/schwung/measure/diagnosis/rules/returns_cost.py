"""Returns cost the next order."""

from collections.abc import Sequence

from schwung.core.text import Text
from schwung.measure.diagnosis.finding import Finding
from schwung.measure.diagnosis.outflows import AT_LEAST, of_outflow
from schwung.measure.diagnosis.rule import Context, Rule
from schwung.measure.diagnosis.texts import metric

_CLAIM = Text(
    "{n} customers who sent goods back order less afterwards.",
    "{n} Kunden mit Rückgabe bestellen danach weniger.",
)
_LOOK = metric("return_rate", Text("return rate", "Rückgabequote"))


def judge(rule: Rule, context: Context) -> Sequence[Finding]:
    return of_outflow(rule, context, "returned", _CLAIM, _LOOK)


RULE = Rule(
    name="returns_cost",
    title=Text("Returns cost the next order", "Rückgaben kosten die nächste Bestellung"),
    sort="standing",
    phase="interact",
    definition=Text(
        "The same money as the wheel's outflow; the whole interval lies above the threshold.",
        "Dasselbe Geld wie am Abfluss des Schwungrads; das ganze Intervall liegt über der Schwelle.",
    ),
    threshold=AT_LEAST,
    judge=judge,
)
