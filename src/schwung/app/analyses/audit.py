"""The customer-base audit of a workspace, and its cohorts."""

from dataclasses import replace
from datetime import date

from schwung.app.analyses.flywheel import without_erased
from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import SLOW_AGE, Cached, cached
from schwung.app.ports import EngineName
from schwung.app.report import first_day, question_of, read_day
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.period import Period, Unit, day_of
from schwung.core.text import Text
from schwung.measure.audit.audit import audit as audited
from schwung.measure.audit.audit import unit_of, usual_period
from schwung.measure.audit.views import Audit
from schwung.measure.scope import Scope


def audit(
    workspace: Workspace,
    *,
    since: date | str | None = None,
    until: date | str | None = None,
    cohort: str | None = None,
    engine: EngineName | None = None,
) -> Audit:
    """Views 1 and 2 tell of the days from since to until; None: of the last whole year, quarter or month, whichever has a
    whole one before it. cohort: of view 3, such as 2026-03 or 2026-Q1. InputError where there is no order yet."""
    with open_facts(workspace, engine) as facts:
        return _of_facts(facts, read_day(since, "since"), read_day(until, "until"), cohort)


def usual_days(workspace: Workspace, last: date) -> tuple[date, date] | None:
    """The days of the views where nobody names others; last: the newest day of the facts. None without orders."""
    begins_on = first_day(workspace)
    if begins_on is None:
        return None
    period, _ = usual_period(begins_on, last, workspace.settings.workspace.zone)
    return period.since_on, period.until_on


def cached_audit(workspace: Workspace, since: date | None, until: date | None, cohort: str | None) -> Cached:
    """For pages; its value is an Audit, or None where there is no order yet."""

    def compute(facts: Facts) -> Audit | None:
        try:
            return _of_facts(facts, since, until, cohort)
        except InputError as error:
            if error.code == "no_orders_yet":
                return None
            raise

    return cached(workspace, ("audit", since, until, cohort), compute, SLOW_AGE)


def _of_facts(facts: Facts, since: date | None, until: date | None, cohort: str | None) -> Audit:
    first_at = question_of(facts, ("month",), None, None).first_at
    if first_at is None:
        raise InputError(
            "no_orders_yet",
            Text("There are no orders yet, so there is no base to audit.", "Es gibt noch keine Bestellungen, also keine Kundenbasis."),
            Text("Import orders or connect the shop.", "Bestellungen einlesen oder den Shop anschließen."),
        )  # fmt: skip
    last, begins_on = day_of(facts.as_of, facts.zone), day_of(first_at, facts.zone)
    period, unit = _period(since, until, begins_on, last, facts.zone)
    scope = Scope(replace(question_of(facts, (), None, None), first_at=first_at), without_erased(facts))
    found = audited(scope, period, unit, facts.run, begins_on, cohort)
    if cohort is not None and found.chosen != cohort:
        raise InputError(
            "unknown_cohort",
            Text("There is no cohort “{name}”.", "Eine Kohorte „{name}“ gibt es nicht.").fill(name=cohort[:20]),
            Text("Known: {names}.", "Bekannt: {names}.").fill(names=", ".join(one.name for one in found.cohorts)),
        )
    return found


def _period(since: date | None, until: date | None, begins_on: date, last: date, zone: str) -> tuple[Period, Unit]:
    usual, unit = usual_period(begins_on, last, zone)
    if since is None and until is None:
        return usual, unit
    end = min(until or last, last)
    start = since or max(begins_on, date.fromordinal(end.toordinal() - usual.days + 1))
    if end < start:
        raise InputError(
            "period_reversed",
            Text("{until} lies before {since}.", "{until} liegt vor {since}.").fill(until=end, since=start),
            Text("Exchange the two dates.", "Die beiden Daten tauschen."),
        )
    period = Period(start, end, zone)
    return period, unit_of(period) or unit
