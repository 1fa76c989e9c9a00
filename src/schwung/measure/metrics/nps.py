"""Share of promoters minus share of detractors."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.answers import ANSWER_CUTS
from schwung.measure.example import Example
from schwung.measure.example_facts import Answered
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.sources import NPS


def expression(scope: Scope) -> ir.Table:
    rows = scope.facts("answers", where=lambda row: (row.metric == "nps") & row.value.between(0, 10))
    rows = rows.filter(rows.value == rows.value.floor())
    return scope.group(
        rows,
        promoters=(rows.value >= 9).cast("int64").sum(),
        detractors=(rows.value <= 6).cast("int64").sum(),
        n=rows.count(),
    )


METRIC = Metric(
    name="nps",
    title=Text("Net promoter score (NPS)", "Net Promoter Score (NPS)"),
    unit="score",
    subject="delight",
    better="higher",
    needs=("answers",),
    expression=expression,
    estimate="net_promoter_score",
    least=100,
    window_days=90,
    cuts=ANSWER_CUTS,
    basis=Text("answers", "Antworten"),
    requires=always("answers_nps"),
    definition=Text(
        "Share of answers 9 and 10 minus share of answers 0 to 6, in points from −100 to 100; of questions that "
        "are marked as NPS (recommendation, 0 to 10).",
        "Anteil der Antworten 9 und 10 minus Anteil der Antworten 0 bis 6, in Punkten von −100 bis 100; bei "
        "Fragen, die als NPS gekennzeichnet sind (Weiterempfehlung, 0 bis 10).",
    ),
    leaves_out=Text(
        "Skipped questions, and answers that are no whole number from 0 to 10: they are in no denominator.",
        "Übergangene Fragen und Antworten, die keine ganze Zahl von 0 bis 10 sind: Sie stehen in keinem Nenner.",
    ),
    reading=Text(
        "Every answer in the window counts, several of one customer too. Who answers is not a random pick of all "
        "customers: see the response rate beside it.",
        "Jede Antwort im Zeitraum zählt, auch mehrere eines Kunden. Wer antwortet, ist keine Zufallsauswahl aller "
        "Kunden: Antwortquote daneben beachten.",
    ),
    source=NPS,
    example=Example(
        as_of="2026-03-31",
        # 1, 10, 8, 7, 9, 9: promoters 3, detractors 1 of 6; one skipped, 6.5 and 11 are no answers.
        answered=(
            *(Answered("anna", "2026-01-05", "nps", value) for value in (1, 10, 8, 7, 9, 9, None, 6.5, 11)),
            Answered("ben", "2026-02-05", "nps", 10),
            Answered("ben", "2026-02-05", "csat", 1, 1, 5),
        ),
        # n = 7: p̃ = 4.75 ÷ 10, d̃ = 1.75 ÷ 10, center 30, half 195.9964 · √((0.65 − 0.09) ÷ 10) = 46.381213
        answers={
            None: ({"value": 42.857143, "low": -16.381213, "high": 76.381213, "n": 7},),
            "month": ({"month": "2026-01", "value": 33.333333, "n": 6}, {"month": "2026-02", "value": 100.0, "n": 1}),
            "question": ({"question": "q", "n": 7},),
        },
    ),
)
