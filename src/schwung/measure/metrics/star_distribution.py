"""How many gave one to five stars."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.answers import ANSWER_CUTS, given
from schwung.measure.example import Example
from schwung.measure.example_facts import Answered
from schwung.measure.metric import Metric, Parts, always
from schwung.measure.scope import Scope
from schwung.measure.sources import OWN_DEFINITION

PARTS = {
    "one": Text("★", "★"),
    "two": Text("★★", "★★"),
    "three": Text("★★★", "★★★"),
    "four": Text("★★★★", "★★★★"),
    "five": Text("★★★★★", "★★★★★"),
}


def expression(scope: Scope) -> ir.Table:
    rows = given(scope, "stars")
    rows = rows.mutate(stars=(1.5 + 4 * rows.place).floor())
    return scope.group(rows, **{part: (rows.stars == stars).cast("int64").sum() for stars, part in enumerate(PARTS, 1)})


METRIC = Metric(
    name="star_distribution",
    title=Text("Distribution of stars", "Verteilung der Sterne"),
    unit="count",
    subject="delight",
    better="neither",
    needs=("answers",),
    expression=expression,
    parts=Parts("stars", PARTS),
    cuts=ANSWER_CUTS,
    basis=Text("answers", "Antworten"),
    requires=always("answers_stars"),
    definition=Text(
        "Ratings by stars, one to five; ratings on other scales are brought to this one and rounded.",
        "Bewertungen nach Sternen, einer bis fünf; Bewertungen auf anderen Skalen werden auf diese gebracht und "
        "gerundet.",
    ),
    leaves_out=Text(
        "Skipped questions and answers that do not lie on the scale of their question: they are in no denominator.",
        "Übergangene Fragen und Antworten, die nicht auf der Skala ihrer Frage liegen: Sie stehen in keinem Nenner.",
    ),
    reading=Text(
        "Counts, exact. Many at both ends mean two kinds of experience, not a middling one.",
        "Anzahlen, exakt. Viele an beiden Enden bedeuten zweierlei Erfahrungen, nicht eine mittlere.",
    ),
    source=OWN_DEFINITION,
    example=Example(
        as_of="2026-03-31",
        answered=(
            Answered("anna", "2026-01-05", "stars", 5, 1, 5),
            Answered("ben", "2026-01-06", "stars", 3, 1, 5),
            Answered("cem", "2026-02-07", "stars", 8, 0, 10),  # 1 + 4 · 0.8 = 4.2
            Answered("dana", "2026-02-07", "stars", None, 1, 5),
        ),
        answers={
            None: (
                {"stars": "one", "value": 0},
                {"stars": "two", "value": 0},
                {"stars": "three", "value": 1},
                {"stars": "four", "value": 1},
                {"stars": "five", "value": 1},
            ),
        },
    ),
)
