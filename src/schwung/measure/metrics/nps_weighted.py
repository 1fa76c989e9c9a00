"""Net promoter score with each answer counted by the weight that its survey gave it."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.answers import ANSWER_CUTS
from schwung.measure.example import Example
from schwung.measure.example_facts import Answered
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.sources import NPS_WEIGHTED


def expression(scope: Scope) -> ir.Table:
    rows = scope.facts("answers", where=lambda row: (row.metric == "nps") & row.value.between(0, 10))
    rows = rows.filter(rows.value == rows.value.floor(), rows.weight > 0)
    return scope.group(
        rows,
        promoters=(rows.value >= 9).ifelse(rows.weight, 0.0).sum(),
        detractors=(rows.value <= 6).ifelse(rows.weight, 0.0).sum(),
        weights=rows.weight.sum(),
        squared_weights=(rows.weight * rows.weight).sum(),
        n=rows.count(),
    )


METRIC = Metric(
    name="nps_weighted",
    title=Text("Weighted net promoter score", "Gewichteter Net Promoter Score"),
    unit="score",
    subject="delight",
    better="higher",
    needs=("answers",),
    expression=expression,
    estimate="weighted_net_promoter_score",
    least=100,
    window_days=90,
    cuts=ANSWER_CUTS,
    basis=Text("answers", "Antworten"),
    requires=always("answers_nps", "answer_weights"),
    definition=Text(
        "As the net promoter score, each answer counted by its weight: weight of the answers 9 and 10 minus weight of "
        "the answers 0 to 6, as a share of all weights, in points from −100 to 100.",
        "Wie der Net Promoter Score, jede Antwort mit ihrem Gewicht gezählt: Gewicht der Antworten 9 und 10 minus "
        "Gewicht der Antworten 0 bis 6, als Anteil aller Gewichte, in Punkten von −100 bis 100.",
    ),
    leaves_out=Text(
        "Answers without a weight or with the weight 0, skipped questions, and answers that are no whole number from 0 "
        "to 10.",
        "Antworten ohne Gewicht oder mit dem Gewicht 0, übergangene Fragen und Antworten, die keine ganze Zahl von 0 "
        "bis 10 sind.",
    ),
    reading=Text(
        "For surveys in which some kinds of customers answer more often than others and weights set that right. "
        "Weights that differ much widen the interval: fewer answers then say as much.",
        "Für Umfragen, in denen manche Kunden häufiger antworten als andere und Gewichte das ausgleichen. Sehr "
        "ungleiche Gewichte verbreitern das Intervall: Dann sagen weniger Antworten ebenso viel.",
    ),
    source=NPS_WEIGHTED,
    example=Example(
        as_of="2026-03-31",
        answered=(
            Answered("anna", "2026-01-05", "nps", 10, weight=2.0),
            Answered("ben", "2026-01-05", "nps", 9, weight=1.0),
            Answered("cem", "2026-02-05", "nps", 3, weight=1.0),
            Answered("dana", "2026-02-05", "nps", None, weight=4.0),
            Answered("emil", "2026-02-05", "nps", 0),
        ),
        # (3 − 1) ÷ 4; effective 16 ÷ 6 = 2.666667: p̃ = 2.75 ÷ 5.666667, d̃ = 1.416667 ÷ 5.666667, center 23.529412,
        # half 195.9964 · √((0.735294 − 0.055363) ÷ 5.666667) = 67.891689
        answers={
            None: ({"value": 50.0, "low": -44.362277, "high": 91.421101, "n": 3},),
            "month": ({"month": "2026-01", "value": 100.0, "n": 2}, {"month": "2026-02", "value": -100.0, "n": 1}),
        },
    ),
)
