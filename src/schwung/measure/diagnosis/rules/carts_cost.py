"""Carts left cost orders."""

from collections.abc import Sequence

from schwung.core.text import Text
from schwung.measure.diagnosis.finding import Finding
from schwung.measure.diagnosis.outflows import AT_LEAST, of_outflow
from schwung.measure.diagnosis.rule import Context, Rule
from schwung.measure.diagnosis.texts import metric

_CLAIM = Text(
    "{n} customers left a cart and did not order.",
    "{n} Kunden ließen einen Warenkorb liegen und bestellten nicht.",
)
_LOOK = metric("cart_abandonment_rate", Text("cart abandonment", "Warenkorbabbruch"))


def judge(rule: Rule, context: Context) -> Sequence[Finding]:
    return of_outflow(rule, context, "carts", _CLAIM, _LOOK)


RULE = Rule(
    name="carts_cost",
    title=Text("Carts left cost orders", "Liegen gebliebene Warenkörbe kosten Bestellungen"),
    sort="standing",
    phase="attract",
    definition=Text(
        "The same money as the wheel's outflow; the whole interval lies above the threshold.",
        "Dasselbe Geld wie am Abfluss des Schwungrads; das ganze Intervall liegt über der Schwelle.",
    ),
    threshold=AT_LEAST,
    judge=judge,
)
