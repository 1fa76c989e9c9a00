"""Kinds and phases of a workspace, the moves between them, what other rules would say; the acquisition funnel."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import ibis.expr.types as ir
from ibis import _

from schwung.app.analyses.flywheel import scope_of
from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import SLOW_AGE, Cached, cached
from schwung.app.lists import SavedList, create_list
from schwung.app.phase_rules import phase_rules
from schwung.app.ports import EngineName
from schwung.app.reading import Prepared
from schwung.app.report import PAGE_DAYS, read_day
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.period import Period, day_of
from schwung.core.text import Text
from schwung.measure import acquisition as acquired
from schwung.measure.acquisition import STAGES, Acquisition
from schwung.measure.lifecycle import KINDS
from schwung.measure.moves import Lifecycle, kinds_at
from schwung.measure.moves import lifecycle as moved
from schwung.measure.phase import PHASES, Rules
from schwung.measure.phases.stays import phases_at
from schwung.measure.question import Question
from schwung.measure.scope import Scope

Day = date | str | None
ACQUISITION_DAYS = 90


@dataclass(frozen=True, slots=True)
class Preview:
    """Customers per phase and per kind today: as it is, and as it would be."""

    phases: Mapping[str, tuple[int, int]]
    kinds: Mapping[str, tuple[int, int]]

    def to_json(self) -> dict[str, Any]:
        return {
            name: {one: {"now": now, "then": then} for one, (now, then) in counts.items()}
            for name, counts in (("phases", self.phases), ("kinds", self.kinds))
        }


def lifecycle(
    workspace: Workspace,
    *,
    days: int = PAGE_DAYS,
    since: Day = None,
    until: Day = None,
    rules: Mapping[str, Any] | None = None,
    engine: EngineName | None = None,
) -> Lifecycle:
    """Who was of which kind and in which phase at the start and the end of a period, and who moved where, how fast.

    rules: others than those saved, as a mapping; to try them out. InputError for wrong rules or dates.
    """
    asked = phase_rules(workspace).rules if rules is None else Rules.read(rules)
    first, last = read_day(since, "since"), read_day(until, "until")
    with open_facts(workspace, engine) as facts:
        return _lifecycle(facts, asked, days, first, last)


def cached_lifecycle(workspace: Workspace, *, days: int = PAGE_DAYS) -> Cached:
    """For pages; its value is a Lifecycle."""
    rules = phase_rules(workspace).rules
    return cached(
        workspace,
        ("lifecycle", days, rules),
        lambda facts: _lifecycle(facts, rules, days, None, None),
        SLOW_AGE,
        alone=True,
    )


def preview(
    workspace: Workspace,
    rules: Rules | Mapping[str, Any] | None = None,
    *,
    dormant_after_days: int | None = None,
    lost_after_days: int | None = None,
) -> Preview:
    """What other rules, or other days of the kinds, would say of today. Nothing is saved."""
    held = phase_rules(workspace).rules
    asked = held if rules is None else rules if isinstance(rules, Rules) else Rules.read(rules)
    with open_facts(workspace) as facts:
        scope, _period = scope_of(facts, 1, None, None)
        question = scope.question
        other = replace(
            question,
            dormant_after_days=dormant_after_days or question.dormant_after_days,
            lost_after_days=lost_after_days or question.lost_after_days,
        )
        phases = [_counted(facts, question, "phase", one) for one in (held, asked)]
        kinds = [_counted(facts, one, "name", None) for one in (question, other)]
    return Preview(_beside(PHASES, phases), _beside(KINDS, kinds))


def _counted(facts: Facts, question: Question, by: str, rules: Rules | None) -> dict[str, int]:
    """Customers in each phase by some rules; without rules in each kind."""

    def made(scope: Scope) -> ir.Table:
        until = scope.question.until_at
        rows = kinds_at(scope, until) if rules is None else phases_at(scope, rules, until)
        return rows.group_by(by).agg(customers=_.count())

    found = Prepared(facts, question, ("preview", rules)).rows(by, made)
    return {row[by]: row["customers"] for row in found.to_pylist()}


def acquisition(
    workspace: Workspace,
    *,
    days: int = ACQUISITION_DAYS,
    since: Day = None,
    until: Day = None,
    engine: EngineName | None = None,
) -> Acquisition:
    """The acquisition funnel of those first known in a period; they are followed until now."""
    first, last = read_day(since, "since"), read_day(until, "until")
    with open_facts(workspace, engine) as facts:
        return _acquisition(facts, days, first, last)


def cached_acquisition(workspace: Workspace, *, days: int = ACQUISITION_DAYS) -> Cached:
    """For pages; its value is an Acquisition."""
    return cached(
        workspace, ("acquisition", days), lambda facts: _acquisition(facts, days, None, None), SLOW_AGE, alone=True
    )


def list_from_stage(
    workspace: Workspace,
    stage: str,
    name: str,
    *,
    days: int = ACQUISITION_DAYS,
    since: Day = None,
    until: Day = None,
    note: str = "",
    actor: str,
) -> SavedList:
    """The customers who left at a stage of the acquisition funnel, as a saved list. InputError where there is nobody."""
    if stage not in STAGES:
        raise InputError(
            "unknown_stage",
            Text("There is no stage named “{name}”.", "Eine Stufe „{name}“ gibt es nicht.").fill(name=stage[:60]),
            Text("Known: {names}.", "Bekannt: {names}.").fill(names=", ".join(STAGES)),
        )
    with open_facts(workspace) as facts:
        scope, period = _first_known(facts, days, read_day(since, "since"), read_day(until, "until"))
        ids = facts.run(acquired.left_at(scope, period, stage))["customer_id"].to_pylist()
    basis = {"acquisition": stage, "since": period.since_on.isoformat(), "until": period.until_on.isoformat()}
    return create_list(workspace, name, ids, note=note, origin="filter", basis=basis, actor=actor)


def list_from_phase(workspace: Workspace, phase: str, name: str, *, note: str = "", actor: str) -> SavedList:
    """The customers who are in a phase now, as a saved list."""
    if phase not in PHASES:
        raise InputError(
            "unknown_phase",
            Text("There is no phase named “{name}”.", "Eine Phase „{name}“ gibt es nicht.").fill(name=phase[:60]),
            Text("Known: {names}.", "Bekannt: {names}.").fill(names=", ".join(PHASES)),
        )
    rules = phase_rules(workspace).rules
    with open_facts(workspace) as facts:
        scope, period = scope_of(facts, 1, None, None)
        rows = phases_at(scope, rules, scope.question.until_at)
        ids = facts.run(rows.filter(rows.phase == phase).select("customer_id"))["customer_id"].to_pylist()
    basis = {"phase": phase, "on": period.until_on.isoformat(), "rules": rules.to_json()}
    return create_list(workspace, name, ids, note=note, origin="filter", basis=basis, actor=actor)


def _lifecycle(facts: Facts, rules: Rules, days: int, since: date | None, until: date | None) -> Lifecycle:
    facts = facts.unkept()
    scope, period = scope_of(facts, days, since, until)
    return moved(Prepared(facts, scope.question, ("lifecycle", period, rules)), period, rules)


def _acquisition(facts: Facts, days: int, since: date | None, until: date | None) -> Acquisition:
    facts = facts.unkept()
    scope, period = _first_known(facts, days, since, until)
    return acquired.acquisition(Prepared(facts, scope.question, ("acquisition", period)), period)


def _first_known(facts: Facts, days: int, since: date | None, until: date | None) -> tuple[Scope, Period]:
    """The scope up to now, and the period of the first contact."""
    _scope, period = scope_of(facts, days, since, until)
    today = day_of(facts.as_of, facts.zone)
    scope, _now = scope_of(facts, 1, max(period.since_on, today - timedelta(days=1)), today)
    return scope, period


def _beside(names: Mapping[str, Text], counts: list[dict[str, int]]) -> dict[str, tuple[int, int]]:
    return {name: (counts[0].get(name, 0), counts[1].get(name, 0)) for name in names}
