"""A metric in a period beside another earlier period than the one right before: the same weekdays of the year before."""

from dataclasses import replace
from datetime import timedelta

from schwung.app.facts import Facts
from schwung.app.fresh import Cached, cached
from schwung.app.report import Comparison, ask, question_of
from schwung.app.wiring import Workspace
from schwung.core.period import Period, day_of
from schwung.measure.inference import Estimate, difference
from schwung.measure.metrics import METRICS


def cached_compare_apart(workspace: Workspace, name: str, *, days: int, apart: int) -> Cached:
    """For pages; its value is a Comparison. apart: days between the two periods."""
    return cached(
        workspace, ("compare apart", name, days, apart), lambda facts: compare_apart(facts, name, days, apart)
    )


def compare_apart(facts: Facts, name: str, days: int, apart: int) -> Comparison:
    """`before` is None where the earlier period starts before the first fact."""
    metric, last = METRICS.find(name), day_of(facts.as_of, facts.zone)
    period = Period(last - timedelta(days=days - 1), last, facts.zone)
    question = question_of(facts, (), period.since_on, period.until_on)
    now = ask(facts, metric, question)
    first = question_of(facts, ("month",), None, None).first_at
    since, until = (day - timedelta(days=apart) for day in (period.since_on, period.until_on))
    if first is None or since < day_of(first, facts.zone):
        return Comparison(period, now, None, ())
    then = ask(facts, metric, replace(question, since_on=since, until_on=until))
    least = metric.least if metric.estimate != "exact" else 0
    earlier = {tuple(row.cuts.values()): row.estimate for row in then.rows}
    differences = tuple(
        difference(row.estimate, earlier.get(tuple(row.cuts.values()), Estimate(None)), least) for row in now.rows
    )
    return Comparison(period, now, then, differences)
