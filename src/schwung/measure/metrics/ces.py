"""Mean ease on a scale of 1 to 7."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.answers import ANSWER_CUTS, on_scale
from schwung.measure.example import Example
from schwung.measure.example_facts import Answered
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.sources import CES


def expression(scope: Scope) -> ir.Table:
    return on_scale(scope, "ces", 1, 7)


METRIC = Metric(
    name="ces",
    title=Text("Customer effort (CES)", "Kundenaufwand (CES)"),
    unit="rating",
    subject="delight",
    better="higher",
    needs=("answers",),
    expression=expression,
    estimate="mean",
    least=30,
    window_days=90,
    cuts=ANSWER_CUTS,
    basis=Text("answers", "Antworten"),
    requires=always("answers_ces"),
    definition=Text(
        "Mean of the answers on a scale from 1 (hard) to 7 (easy), of questions that are marked as CES. The "
        "question says which end of its scale is easy; other scales are brought to this one.",
        "Mittel der Antworten auf einer Skala von 1 (mühsam) bis 7 (leicht), bei Fragen, die als CES "
        "gekennzeichnet sind. Die Frage sagt, welches Ende ihrer Skala leicht bedeutet; andere Skalen werden auf "
        "diese gebracht.",
    ),
    leaves_out=Text(
        "Skipped questions and answers that do not lie on the scale of their question: they are in no denominator.",
        "Übergangene Fragen und Antworten, die nicht auf der Skala ihrer Frage liegen: Sie stehen in keinem Nenner.",
    ),
    reading=Text(
        "The mean is reported, not the share of high answers. The older question, where low is good, is turned round.",
        "Berichtet wird das Mittel, nicht der Anteil hoher Antworten. Die ältere Frage, bei der niedrig gut ist, "
        "wird umgedreht.",
    ),
    source=CES,
    example=Example(
        as_of="2026-03-31",
        # 7 and 5 of 7; 2 of 5 where low is easy: 1 + 6 · (1 − 1 ÷ 4) = 5.5.
        answered=(
            Answered("anna", "2026-01-05", "ces", 7, 1, 7),
            Answered("ben", "2026-01-06", "ces", 5, 1, 7),
            Answered("cem", "2026-02-07", "ces", 2, 1, 5, "lower"),
            Answered("dana", "2026-02-07", "ces", None, 1, 7),
        ),
        # Mean 35 ÷ 6; variance ((7/6)² + (5/6)² + (1/3)²) ÷ 2 = 1.083333; half 4.302653 · √(1.083333 ÷ 3) = 2.585571
        answers={
            None: ({"value": 5.833333, "low": 3.247762, "high": 8.418904, "n": 3},),
            "month": ({"month": "2026-01", "value": 6.0, "n": 2}, {"month": "2026-02", "value": 5.5, "n": 1}),
        },
    ),
)
