"""Answers on one scale: 0 worst, 100 best. NPS × 10; stars and CSAT (x − 1) ÷ (k − 1); CES by the end that is good."""

import ibis.expr.types as ir
from ibis import _

from schwung.measure.scope import Scope

SCORED = ("nps", "csat", "ces", "stars")


def scores(scope: Scope) -> ir.Table:
    """customer_id, answer_key, answered_at, score, metric, question_id, phase, touchpoint of answers that have a value on
    their scale, up to the end of the window. Skipped ones, words alone, and other questions are not among them."""
    answers = scope.table("answers", True).filter(_.answered_at < scope.question.until_at, _.customer_id.notnull())
    answers = answers.filter(
        _.metric.isin(SCORED),
        _.value.notnull(),
        _.scale_high > _.scale_low,
        _.value >= _.scale_low,
        _.value <= _.scale_high,
    )
    place = (answers.value - answers.scale_low) / (answers.scale_high - answers.scale_low).nullif(0.0)
    score = (answers.better == "lower").ifelse(1 - place, place) * 100
    return answers.mutate(score=score).select(
        "customer_id", "answer_key", "answered_at", "score", "metric", "question_id", "phase", "touchpoint"
    )
