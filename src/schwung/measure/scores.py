"""Answers on one scale: 0 worst, 100 best. NPS × 10; stars and CSAT (x − 1) ÷ (k − 1); CES by the end that is good."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.measure.scope import Scope

SCORED = ("nps", "csat", "ces", "stars")
NEXT = ("next_at", "phase_next_at")
"""When the customer's next scored answer came, and the next one in the same phase; null: none did."""


def scores(scope: Scope) -> ir.Table:
    """customer_id, answer_key, answered_at, score, metric, question_id, phase, touchpoint of answers that have a value on
    their scale, up to the end of the window; NEXT too where it is at hand. Skipped ones, words alone, and other questions are
    not among them."""
    answers = scope.table("answers", True).filter(_.answered_at < scope.question.until_at, _.customer_id.notnull())
    answers = answers.filter(*is_scored(answers))
    place = (answers.value - answers.scale_low) / (answers.scale_high - answers.scale_low).nullif(0.0)
    score = (answers.better == "lower").ifelse(1 - place, place) * 100
    until = scope.question.until_at
    known = {name: ibis.cases((answers[name] < until, answers[name])) for name in NEXT if name in answers.columns}
    return answers.select(
        "customer_id", "answer_key", "answered_at", "metric", "question_id", "phase", "touchpoint", score=score, **known
    )


def with_next(answers: ir.Table, *apart: str) -> ir.Table:
    """Scored answers (customer_id, answered_at, answer_key, phase) with NEXT. apart: columns that tell scored ones from others."""

    def following(*by: str) -> ir.IntegerValue:
        here = ibis.window(group_by=["customer_id", *apart, *by], order_by=["answered_at", "answer_key"])
        return answers.answered_at.lead().over(here)

    return answers.mutate(next_at=following(), phase_next_at=following("phase"))


def is_scored(answers: ir.Table) -> list[ir.BooleanValue]:
    """All of these hold of one with a value on its scale."""
    return [
        answers.metric.isin(SCORED),
        answers.value.notnull(),
        answers.scale_high > answers.scale_low,
        answers.value >= answers.scale_low,
        answers.value <= answers.scale_high,
    ]
