"""Budgets: from a plan that somebody wrote, or from a workspace's spend and the orders credited to its channels."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml
from ibis import _

from schwung.app.analyses.flywheel import without_erased
from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import SLOW_AGE, Cached, cached
from schwung.app.ports import EngineName
from schwung.app.report import question_of, read_day
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.money import exponent_of
from schwung.core.period import first_day_of
from schwung.core.text import Text
from schwung.measure.local_time import key_of_day
from schwung.measure.scope import Scope
from schwung.predict.attribution import touches
from schwung.predict.attribution.touches import Wish
from schwung.predict.budget.answer import allocate
from schwung.predict.budget.fit import KINDS, FittedChannel, fit
from schwung.predict.budget.plan import Plan
from schwung.predict.budget.solve import OUTCOMES, Answered, Evidence, plan_of, solve_budget

Day = date | str | None
UNITS = {"week": 52.18, "month": 12.0}
"""Periods of a fit, and how many make a year."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    outcome: str
    unit: str
    kind: str
    money: float | None
    since: date | None
    until: date | None
    lookback_days: int


def budget(
    workspace: Workspace,
    plan: Mapping[str, Any] | None = None,
    *,
    outcome: str = "revenue",
    unit: str = "week",
    kind: str = "exponential",
    money: float | None = None,
    since: Day = None,
    until: Day = None,
    lookback_days: int = 30,
    engine: EngineName | None = None,
) -> Answered:
    """The best split of a plan; without one, of curves fitted to the workspace's spend and credited outcomes by week or month.

    outcome: revenue, margin, orders or new_customers. money: per period; None: what is spent now. InputError for what cannot
    be asked; channels whose data support no curve are named in `evidence`, with the reason.
    """
    if plan is not None:
        return solve_budget(plan, workspace.settings.workspace.currency)
    wanted = _checked(outcome, unit, kind, money, read_day(since, "since"), read_day(until, "until"), lookback_days)
    with open_facts(workspace, engine) as facts:
        return _of_facts(facts, wanted)


def cached_budget(workspace: Workspace, outcome: str, unit: str, money: float | None) -> Cached:
    """For pages; its value is an Answered, from the workspace's facts."""
    wanted = _checked(outcome, unit, "exponential", money, None, None, 30)
    return cached(workspace, ("budget", wanted), lambda facts: _of_facts(facts.unkept(), wanted), SLOW_AGE)


def read_file(path: Path) -> dict[str, Any]:
    """A plan from a YAML or JSON file. InputError for what cannot be read."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(
            "budget_unreadable",
            Text("{path} cannot be read: {why}.", "{path} ist nicht lesbar: {why}.").fill(path=path, why=str(error).splitlines()[0]),
            Text("Correct the file.", "Die Datei berichtigen."),
        ) from error  # fmt: skip
    return found if isinstance(found, dict) else {"": found}


def _checked(
    outcome: str, unit: str, kind: str, money: float | None, since: date | None, until: date | None, lookback: int
) -> _Wanted:
    for name, value, known in (("outcome", outcome, OUTCOMES), ("unit", unit, UNITS), ("kind", kind, KINDS)):
        if value not in known:
            raise InputError(
                "budget_wrong",
                Text("{name} cannot be “{value}”.", "{name} kann nicht „{value}“ sein.").fill(name=name, value=value[:40]),
                Text("Known: {names}.", "Bekannt: {names}.").fill(names=", ".join(known)),
            )  # fmt: skip
    if not 1 <= lookback <= 365 or (money is not None and not 0 <= money <= 1e12):
        raise InputError(
            "budget_wrong",
            Text("This cannot be asked: {money}, {n} days.", "Das lässt sich nicht fragen: {money}, {n} Tage.").fill(money=money, n=lookback),
            Text("Give money from 0 on, and 1 to 365 days.", "Geld ab 0 und 1 bis 365 Tage angeben."),
        )  # fmt: skip
    return _Wanted(outcome, unit, kind, money, since, until, lookback)


def _of_facts(facts: Facts, wanted: _Wanted) -> Answered:
    question = question_of(facts, (), wanted.since, wanted.until)
    table = without_erased(facts)
    spent = facts.run(_spend(Scope(replace(question, by=(wanted.unit,)), table)))
    keys, first, last = _periods(spent, wanted.unit, question.last_day)
    if not keys:
        return Answered(evidence=Evidence(wanted.unit, wanted.outcome, first, last, 0, ()))
    whole = replace(question, by=(), since_on=first, until_on=last)
    scope = Scope(replace(whole, by=(wanted.unit,)), table)
    wish = Wish(lookback_days=wanted.lookback_days, only_new=wanted.outcome == "new_customers")
    with ExitStack() as stack:
        bought = stack.enter_context(facts.engine.keep(touches.orders(scope, wish), "budget_orders"))
        before = touches.before_orders(scope, wish, bought)
        rows = touches.shared(bought, before)
        rows = rows.mutate(period=scope.period(rows, "ordered_at"))
        earned = facts.run(rows.group_by("touch", "period").agg(n=_.part.sum(), value=_.value.sum(), margin=_.margin.sum()))  # fmt: skip
    major = 10 ** exponent_of(facts.currency)
    column, scale = {"revenue": ("value", major), "margin": ("margin", major)}.get(wanted.outcome, ("n", 1))
    outcomes = _columns(earned, "touch", "period", column, keys, scale)
    spends = _columns(spent, "channel", wanted.unit, "minor", keys, major)
    found = tuple(_fitted(name, spends[name], outcomes.get(name), wanted) for name in sorted(spends))
    evidence = Evidence(wanted.unit, wanted.outcome, first, last, len(keys), found)
    plan = plan_of(found, wanted.money, Plan(0.0, (), currency=facts.currency))
    return Answered(allocate(plan) if plan else None, None, evidence)


def _spend(scope: Scope) -> Any:
    """By period and channel what was spent to attract: minor."""
    from schwung.measure.spending import attracts

    rows = scope.facts("spend", where=attracts, customer=False)
    return rows.group_by([*scope.by, "channel"]).agg(minor=_.amount_minor.sum())


def _periods(spent: pa.Table, unit: str, until: date) -> tuple[list[int], date, date]:
    """Whole periods from the first with spend to the last that is over: their numbers, the first and the last day."""
    known = [key for key in spent[unit].to_pylist() if key is not None]
    after = first_day_of(until + timedelta(days=1), unit)  # type: ignore[arg-type]
    end = key_of_day(after, unit)  # type: ignore[arg-type]
    keys = list(range(min(known), end)) if known else []
    first = after
    for _nth in keys:
        first = first_day_of(first - timedelta(days=1), unit)  # type: ignore[arg-type]
    return keys, first, after - timedelta(days=1)


def _columns(
    rows: pa.Table, name: str, period: str, column: str, keys: list[int], scale: float
) -> dict[str, list[float]]:
    """Per name one number per period, 0 where there is none."""
    place = {key: nth for nth, key in enumerate(keys)}
    found: dict[str, list[float]] = {}
    for row in rows.to_pylist():
        if row[period] in place and row[name] is not None:
            found.setdefault(row[name], [0.0] * len(keys))[place[row[period]]] += float(row[column] or 0) / scale
    return found


def _fitted(name: str, spend: list[float], outcome: list[float] | None, wanted: _Wanted) -> FittedChannel:
    if outcome is None or not any(outcome):
        return FittedChannel(name, "no_outcome", None, max(spend), sum(spend) / len(spend))
    return fit({name: spend}, outcome, kind=wanted.kind, year=UNITS[wanted.unit]).channels[0]
