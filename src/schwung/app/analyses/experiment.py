"""Results of a workspace's experiments, and what could be seen before one starts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schwung.act.experiment.arm import Arm
from schwung.act.experiment.design import Share, design_wrong, holdout
from schwung.act.experiment.outcomes import CUT_CHANNEL, CUT_KIND, OUTCOMES, Outcome, people, sizes, statistics
from schwung.act.experiment.result import Result, result, sliced
from schwung.act.experiment.size import minimum_detectable_effect
from schwung.app.analyses.flywheel import without_erased
from schwung.app.experiments import Experiment, experiments, read_experiment
from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import SLOW_AGE, Cached, cached
from schwung.app.lists import read_list
from schwung.app.ports import EngineName
from schwung.app.reading import asked_of
from schwung.app.report import question_of
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, Instant
from schwung.core.text import Text
from schwung.measure.inputs import missing_of
from schwung.measure.metrics import METRICS
from schwung.measure.missing import Missing
from schwung.measure.scope import Scope
from schwung.measure.valuation import Basis

_EXPOSURES = pa.schema([("identifier_id", pa.int64()), ("arm", pa.string()), ("exposed_at", pa.int64())])


@dataclass(frozen=True, slots=True)
class Detectable:
    """What an experiment of a size would show. mean, spread: of the outcome over as many days until now, of one person; ratio:
    what the time before leaves of the variance. least: the smallest difference found in four of five cases."""

    outcome: Outcome
    mean: float
    spread: float
    ratio: float
    least: float

    def to_json(self) -> dict[str, Any]:
        rest = {name: getattr(self, name) for name in ("mean", "spread", "ratio", "least")}
        return {"outcome": self.outcome.name, "unit": self.outcome.unit, **rest}


def experiment_result(
    workspace: Workspace, name: str, *, by: str | None = None, engine: EngineName | None = None
) -> Result:
    """by: kind, channel, or a list or segment by name or number. InputError for an unknown experiment or list."""
    found = read_experiment(workspace, name)
    cut = _cut_of(workspace, by)
    with open_facts(workspace, engine) as facts:
        return of_facts(facts, found, cut)


_NO_MARGIN = Missing(
    "margin",
    Text("The margin of what these people bought is not known.", "Die Marge dessen, was diese Menschen kauften, ist nicht bekannt."),
    "/settings?section=value",
    Text("Enter a rate", "Satz eintragen"),
)  # fmt: skip
"""Costs may be known today, and not for the time of the experiment."""


def results(workspace: Workspace) -> list[tuple[Experiment, Result]]:
    """All experiments with their results, newest first."""
    with open_facts(workspace) as facts:
        return [(one, of_facts(facts, one)) for one in experiments(workspace)]


def cached_result(workspace: Workspace, found: Experiment, by: str | None = None) -> Cached:
    """For pages; its value is a Result."""
    cut = _cut_of(workspace, by)
    key = ("experiment", found.experiment_no, found.people, found.design, cut)
    return cached(workspace, key, lambda facts: of_facts(facts.unkept(), found, cut), SLOW_AGE if cut else 60_000_000)


def of_facts(facts: Facts, found: Experiment, cut: str | None = None) -> Result:
    """One experiment over facts that are open already."""
    scope, missing = scope_of(facts)
    design, exposures = found.design, _exposures(facts, found)

    def asked(name: str, made: Callable[[ir.Table, Scope], ir.Table]) -> pa.Table:
        def build(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
            then = facts.over(tables, moment)
            question = replace(scope.question, as_of=moment)
            rows = people(_until(tables["exposures"], moment), then.table("identities"))
            return made(rows, Scope(question, without_erased(then), at_hand=then.at_hand))

        shape = "experiment", name, repr(design), *asked_of(facts, scope.question)
        return facts.prepared(shape, build, {"exposures": exposures}, facts.as_of)

    def summed(past: Basis, cut: str | None = None) -> pa.Table:
        return asked(f"{past} {cut}", lambda rows, scope: statistics(scope, rows, design, cut, past))

    past: Basis = "revenue" if missing else "margin"
    sums = summed(past)
    if not missing and _is_nothing(sums, "margin") and not _is_nothing(sums, "revenue"):
        past, missing = "revenue", (_NO_MARGIN,)
        sums = summed(past)
    told = result(
        found.name,
        found.design,
        facts.as_of,
        facts.currency,
        asked("sizes", lambda rows, scope: sizes(rows, design, scope.question.as_of)),
        sums,
        missing,
    )
    if cut is None:
        return told
    return replace(told, sliced=sliced(design, cut, told.main, summed(past, cut)))


def _is_nothing(sums: pa.Table, outcome: str) -> bool:
    return not any(sums[f"{outcome}_squares"].to_pylist())


def detectable(
    workspace: Workspace,
    *,
    people_no: int | None = None,
    share: float = 0.1,
    of: int | str | None = None,
    window_days: int | None = None,
    engine: EngineName | None = None,
) -> tuple[Detectable, ...]:
    """What a holdout would show: the least effect on each outcome, by how customers did in the days until now.

    of: a list or segment; None: all customers. people_no: how many will meet it; None: as many as those. share: of the
    control. InputError where there are not two customers, or the numbers cannot be.
    """
    design = holdout(share)
    design = design if window_days is None else replace(design, window_days=window_days)
    if people_no is not None and min(people_no * share, people_no * (1 - share)) < 2:
        raise design_wrong(Text("each group needs two people", "jede Gruppe braucht zwei Personen"))
    with open_facts(workspace, engine) as facts:
        scope, missing = scope_of(facts)
        past: Basis = "revenue" if missing else "margin"
        begin = facts.as_of - design.window_days * DAY
        everyone = _everyone(facts, of, begin)
        alone = replace(design, arms=(Share("all", 1.0),))
        sums = facts.run(statistics(scope, everyone, alone, past=past))
    known = [one for one in OUTCOMES if not (missing and one.name == "margin")]
    n = round(float(sum(sums["n"].to_pylist())))
    if n < 2:
        raise design_wrong(Text("nobody is there to judge by", "es gibt niemanden, an dem es zu ermessen wäre"))
    return tuple(_detectable(one, sums, n, people_no or n, share) for one in known)


def _detectable(outcome: Outcome, sums: pa.Table, n: int, people_no: int, share: float) -> Detectable:
    names = (f"{outcome.name}_sum", f"{outcome.name}_squares", "before", "before_squares", f"{outcome.name}_cross")
    arm = Arm(n, *(float(sum(sums[name].to_pylist())) for name in names))
    ratio = arm.left_by_before
    least = minimum_detectable_effect(arm.variance * ratio, round(people_no * share), round(people_no * (1 - share)))
    return Detectable(outcome, arm.mean, arm.variance**0.5, ratio, least)


def _everyone(facts: Facts, of: int | str | None, begin: int) -> ir.Table:
    """Customers as if all had met something at one moment."""
    if of is None:
        rows = facts.table("profiles", customer=False).select("customer_id").distinct()
    else:
        number = read_list(facts.workspace, of).list_no
        members = facts.table("memberships", customer=True)
        inside = members.filter(members.segment_id == number, members.left_at.isnull(), members.customer_id.notnull())
        rows = inside.select("customer_id").distinct()
    return rows.mutate(arm=ibis.literal("all"), exposed_at=ibis.literal(begin, "int64"), arms=ibis.literal(1, "int64"))


def met(facts: Facts, found: Experiment) -> tuple[ir.Table, Scope, tuple[Missing, ...]]:
    """`people` of an experiment, what they are looked up in, and why margins are not known."""
    exposures = facts.engine.memtable(_exposures(facts, found), f"exposures_{found.experiment_no}")
    scope, missing = scope_of(facts)
    return people(_until(exposures, facts.as_of), facts.table("identities")), scope, missing


def _exposures(facts: Facts, found: Experiment) -> pa.Table:
    with facts.workspace.store.read() as tx:
        rows = tx.tuples("experiments.exposures", experiment_no=found.experiment_no)
    columns = list(zip(*rows, strict=True)) or [()] * len(_EXPOSURES)
    return pa.table(
        [pa.array(one, field.type) for one, field in zip(columns, _EXPOSURES, strict=True)], schema=_EXPOSURES
    )


def _until(exposures: ir.Table, moment: Instant) -> ir.Table:
    return exposures.filter(exposures.exposed_at <= moment)


def scope_of(facts: Facts) -> tuple[Scope, tuple[Missing, ...]]:
    """All facts, and why margins are not known."""
    question, table = question_of(facts, (), None, None), without_erased(facts)
    return Scope(question, table, at_hand=facts.at_hand), missing_of(
        METRICS["gross_margin"], question, table, facts.run
    )


def _cut_of(workspace: Workspace, by: str | None) -> str | None:
    return by if by in (None, CUT_KIND, CUT_CHANNEL) else str(read_list(workspace, by).list_no)
