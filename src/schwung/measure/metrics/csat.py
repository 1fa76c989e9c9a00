"""Share of satisfied answers."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.answers import ANSWER_CUTS, given
from schwung.measure.example import Example
from schwung.measure.example_facts import Answered
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.sources import AGRESTI_COULL
from schwung.measure.things import hits


def expression(scope: Scope) -> ir.Table:
    rows = given(scope, "csat")
    return hits(scope, rows, rows.place >= 0.75)


METRIC = Metric(
    name="csat",
    title=Text("Customer satisfaction (CSAT)", "Kundenzufriedenheit (CSAT)"),
    unit="share",
    subject="delight",
    better="higher",
    needs=("answers",),
    expression=expression,
    estimate="share",
    least=100,
    window_days=90,
    cuts=ANSWER_CUTS,
    basis=Text("answers", "Antworten"),
    requires=always("answers_csat"),
    definition=Text(
        "Answers in the top quarter of their scale (4 and 5 of 5) ÷ answers, of questions that are marked as CSAT.",
        "Antworten im obersten Viertel ihrer Skala (4 und 5 von 5) ÷ Antworten, bei Fragen, die als CSAT "
        "gekennzeichnet sind.",
    ),
    leaves_out=Text(
        "Skipped questions and answers that do not lie on the scale of their question: they are in no denominator.",
        "Übergangene Fragen und Antworten, die nicht auf der Skala ihrer Frage liegen: Sie stehen in keinem Nenner.",
    ),
    reading=Text(
        "The share says how many are satisfied, not how much. On a scale of 1 to 7 it counts 6 and 7, on 1 to 10 "
        "it counts 8 to 10.",
        "Der Anteil sagt, wie viele zufrieden sind, nicht wie sehr. Auf einer Skala von 1 bis 7 zählen 6 und 7, "
        "von 1 bis 10 zählen 8 bis 10.",
    ),
    source=AGRESTI_COULL,
    example=Example(
        as_of="2026-03-31",
        # 5, 5, 4, 4, 3, 5, 2, 5, 4, 1: 7 of 10 satisfied; one skipped, one off the scale.
        answered=tuple(
            Answered("anna", "2026-01-05", "csat", value, 1, 5) for value in (5, 5, 4, 4, 3, 5, 2, 5, 4, 1, None, 6)
        ),
        answers={
            None: ({"value": 0.7, "low": 0.392325, "high": 0.896662, "n": 10},),
            "phase": ({"phase": "delight", "value": 0.7, "n": 10},),
        },
    ),
)
