"""Promoters are not asked to refer."""

from collections.abc import Sequence

from schwung.core.text import Text
from schwung.measure.diagnosis.finding import Finding
from schwung.measure.diagnosis.outflows import AT_LEAST, of_outflow
from schwung.measure.diagnosis.rule import Context, Rule
from schwung.measure.diagnosis.texts import metric

_CLAIM = Text(
    "{n} customers would recommend; nobody asked them.",
    "{n} Kunden würden empfehlen; niemand hat sie gefragt.",
)
_LOOK = metric("referral_rate", Text("referral rate", "Empfehlungsrate"))


def judge(rule: Rule, context: Context) -> Sequence[Finding]:
    return of_outflow(rule, context, "not_asked", _CLAIM, _LOOK)


RULE = Rule(
    name="promoters_not_asked",
    title=Text("Promoters are not asked to refer", "Fürsprecher werden nicht um Empfehlung gebeten"),
    sort="standing",
    phase="delight",
    definition=Text(
        "The same money as the wheel's outflow; the whole interval lies above the threshold.",
        "Dasselbe Geld wie am Abfluss des Schwungrads; das ganze Intervall liegt über der Schwelle.",
    ),
    threshold=AT_LEAST,
    judge=judge,
)
