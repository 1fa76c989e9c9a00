"""Mean of star ratings."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.answers import ANSWER_CUTS, on_scale
from schwung.measure.example import Example
from schwung.measure.example_facts import Answered
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.sources import STUDENT


def expression(scope: Scope) -> ir.Table:
    return on_scale(scope, "stars", 1, 5)


METRIC = Metric(
    name="star_rating",
    title=Text("Star rating", "Sterne-Bewertung"),
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
    requires=always("answers_stars"),
    definition=Text(
        "Mean of the ratings on a scale from 1 to 5 stars; other scales are brought to this one.",
        "Mittel der Bewertungen auf einer Skala von 1 bis 5 Sternen; andere Skalen werden auf diese gebracht.",
    ),
    leaves_out=Text(
        "Skipped questions and answers that do not lie on the scale of their question: they are in no denominator.",
        "Übergangene Fragen und Antworten, die nicht auf der Skala ihrer Frage liegen: Sie stehen in keinem Nenner.",
    ),
    reading=Text(
        "A mean hides whether all are content or half delighted and half cross: look at the distribution beside it.",
        "Ein Mittel verbirgt, ob alle zufrieden oder je zur Hälfte begeistert und verärgert sind: die Verteilung "
        "daneben beachten.",
    ),
    source=STUDENT,
    example=Example(
        as_of="2026-03-31",
        answered=(
            Answered("anna", "2026-01-05", "stars", 5, 1, 5),
            Answered("ben", "2026-01-06", "stars", 3, 1, 5),
            Answered("cem", "2026-02-07", "stars", 8, 0, 10),  # 1 + 4 · 0.8 = 4.2
            Answered("dana", "2026-02-07", "stars", None, 1, 5),
        ),
        # Mean 12.2 ÷ 3; deviations 0.933333, −1.066667, 0.133333, squares 2.026667; half 4.302653 · √(1.013333 ÷ 3) = 2.500645
        answers={
            None: ({"value": 4.066667, "low": 1.566022, "high": 6.567312, "n": 3},),
            "month": ({"month": "2026-01", "value": 4.0, "n": 2}, {"month": "2026-02", "value": 4.2, "n": 1}),
        },
    ),
)
