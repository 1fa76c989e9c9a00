"""Answers to questions, each brought to the scale of its kind; the metric, the scale and its direction stand on the question."""

import ibis.expr.types as ir

from schwung.measure.scope import Scope
from schwung.measure.shared import CUSTOMER_CUTS, TIME_CUTS

ANSWER_CUTS = (*TIME_CUTS, "question", "touchpoint", "phase", "channel", "campaign", "delivery", *CUSTOMER_CUTS)


def given(scope: Scope, metric: str) -> ir.Table:
    """Answers in the window that were not skipped and lie on their scale, with `place`: 0 the worst end, 1 the best."""
    rows = scope.facts("answers", where=lambda row: (row.metric == metric) & row.value.notnull())
    rows = rows.filter(rows.value >= rows.scale_low, rows.value <= rows.scale_high, rows.scale_high > rows.scale_low)
    place = (rows.value - rows.scale_low) / (rows.scale_high - rows.scale_low)
    return rows.mutate(place=(rows.better == "lower").ifelse(1.0 - place, place))


def on_scale(scope: Scope, metric: str, low: int, high: int) -> ir.Table:
    """Statistics of the mean of such answers on a scale from low to high."""
    rows = given(scope, metric)
    rows = rows.mutate(mark=low + (high - low) * rows.place)
    return scope.group(rows, n=rows.count(), total=rows.mark.sum(), squares=(rows.mark * rows.mark).sum())
