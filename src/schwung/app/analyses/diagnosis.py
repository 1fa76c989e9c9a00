"""The findings of a workspace."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import ibis.expr.types as ir
import pyarrow as pa

from schwung.app.analyses import flywheel
from schwung.app.facts import Facts, open_facts, without_erased
from schwung.app.finding_rules import finding_rules
from schwung.app.fresh import SLOW_AGE, Cached, NotAtHand, cached, only_at_hand
from schwung.app.ports import EngineName
from schwung.app.reading import asked_of
from schwung.app.report import PAGE_DAYS, ask, question_of, read_day
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.period import Period
from schwung.measure.answer import Row
from schwung.measure.diagnosis.diagnose import Diagnosis
from schwung.measure.diagnosis.diagnose import diagnose as diagnosed
from schwung.measure.diagnosis.rule import Context
from schwung.measure.metrics import METRICS
from schwung.measure.scope import Scope

Day = date | str | None


def diagnose(
    workspace: Workspace,
    *,
    days: int = PAGE_DAYS,
    since: Day = None,
    until: Day = None,
    engine: EngineName | None = None,
) -> Diagnosis:
    """Findings of the last `days` days, or from since to until (both within); changes against the periods before.

    InputError for dates that are none, and for a period that ends before it starts or is longer than two years.
    """
    first, last = read_day(since, "since"), read_day(until, "until")
    with open_facts(workspace, engine) as facts:
        return of_facts(facts, days, first, last)


def cached_diagnosis(workspace: Workspace, *, days: int = PAGE_DAYS) -> Cached:
    """For pages, at most a quarter of an hour old; its value is a Diagnosis."""
    rules = tuple((one.rule.name, one.is_on, one.threshold) for one in finding_rules(workspace))
    return cached(workspace, ("findings", days, rules), lambda facts: of_facts(facts, days, None, None), SLOW_AGE)


def open_findings(workspace: Workspace) -> int:
    """How many findings there are, for the navigation; 0 while nobody has asked for them lately."""
    try:
        with only_at_hand():
            found: Diagnosis = cached_diagnosis(workspace).value
    except NotAtHand:
        return 0
    return len(found.findings)


def of_facts(facts: Facts, days: int, since: date | None, until: date | None) -> Diagnosis:
    scope, period = flywheel.scope_of(facts, days, since, until)
    rules = [one for one in finding_rules(facts.workspace) if one.is_on]
    on = [one.rule for one in rules]
    context = Context(
        scope,
        period,
        facts.run,
        lambda build: series(facts, scope, [rule.name for rule in on if rule.series], build),
        lambda: flywheel.of_facts(facts, days, since, until),
        lambda name, by, last: _rows(facts, period, name, by, last),
        {one.rule.name: one.threshold for one in rules},
    )
    return diagnosed(context, on)


def series(facts: Facts, scope: Scope, rules: Sequence[str], build: Callable[[Scope], ir.Table]) -> pa.Table:
    """All series in one statement, which is compiled once a day: it is long, and only its moment changes."""
    shape = "findings", *rules, *asked_of(facts, scope.question)

    def over(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
        then = facts.over(tables, moment)
        return build(Scope(replace(scope.question, as_of=moment), without_erased(then), at_hand=then.at_hand))

    return facts.prepared(shape, over, like=facts.as_of)


def _rows(facts: Facts, period: Period, name: str, by: str | None, days: int | None) -> Sequence[Row]:
    """A metric over the last days that end with the period; without `days` over its own window."""
    metric = METRICS[name]
    since = None
    if days is not None:
        since = date.fromordinal(period.until_on.toordinal() - days + 1)
    elif metric.window_days is None and metric.shape == "flow":
        since = period.since_on
    question = question_of(facts, (by,) if by else (), since, period.until_on)
    return ask(facts, metric, question).rows
