"""The flywheel of a workspace: of a period, beside the one before it."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta

from schwung.app.facts import Facts, open_facts
from schwung.app.facts import without_erased as without_erased
from schwung.app.fresh import Cached, cached
from schwung.app.lists import SavedList, create_list
from schwung.app.ports import EngineName
from schwung.app.reading import Prepared
from schwung.app.report import PAGE_DAYS, question_of, read_day
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.period import Period, day_of
from schwung.core.text import Text
from schwung.measure import flywheel as wheel
from schwung.measure.flywheel import Flywheel
from schwung.measure.friction_concerned import concerned
from schwung.measure.purchase_funnel import PurchaseFunnel, funnel_of, reached
from schwung.measure.rolling import REACH, Windows
from schwung.measure.scope import Scope

MOST_DAYS = 731
Day = date | str | None


def flywheel(
    workspace: Workspace,
    *,
    days: int = PAGE_DAYS,
    since: Day = None,
    until: Day = None,
    engine: EngineName | None = None,
) -> Flywheel:
    """Speed, weight, friction, energy of the last `days` days, or from since to until (both within).

    InputError for dates that are none, and for a period that ends before it starts or is longer than two years.
    """
    first, last = read_day(since, "since"), read_day(until, "until")
    with open_facts(workspace, engine) as facts:
        return of_facts(facts, days, first, last)


def cached_flywheel(
    workspace: Workspace, *, days: int = PAGE_DAYS, until: date | None = None, apart: int = 0
) -> Cached:
    """For pages, its value a Flywheel: the journey map and the findings take the same money from here."""
    return cached(workspace, ("flywheel", days, until, apart), lambda facts: of_facts(facts, days, None, until, apart))


def of_facts(facts: Facts, days: int, since: date | None, until: date | None, apart: int = 0) -> Flywheel:
    """apart: days between the two periods that are compared; 0: one right after the other."""
    known = ("flywheel", days, since, until, apart)
    with facts.remembered.making(known):  # the findings of the same snapshot read it too
        if known not in facts.remembered:
            facts.remembered[known] = _worked_out(facts, days, since, until, apart)
    found: Flywheel = facts.remembered[known]
    return found


def _worked_out(facts: Facts, days: int, since: date | None, until: date | None, apart: int) -> Flywheel:
    scope, period = scope_of(facts, days, since, until)
    campaigns = facts.workspace.settings.friction.referral_campaigns
    windows = Windows.of(period, apart)
    with ExitStack() as stack:
        reading = Prepared(facts, scope.question, ("flywheel", repr(windows), repr(campaigns)), stack)
        return wheel.flywheel(reading, period, campaigns, windows)


def scope_of(facts: Facts, days: int, since: date | None, until: date | None) -> tuple[Scope, Period]:
    """What an analysis of a period works on: all facts up to its end, erased people left out."""
    last = min(until or date.max, day_of(facts.as_of, facts.zone))
    first = since or last - timedelta(days=days - 1)
    question_of(facts, (), first, last)  # refuses a period that ends before it starts
    if (last - first).days >= MOST_DAYS:
        raise InputError(
            "period_too_long",
            Text("The period is too long: {days} days.", "Der Zeitraum ist zu lang: {days} Tage.").fill(
                days=(last - first).days + 1
            ),
            Text("Ask for at most {most} days.", "Höchstens {most} Tage wählen.").fill(most=MOST_DAYS),
        )
    period = Period(first, last, facts.zone)
    question = question_of(facts, (), None, last)
    reach = period.since_at - REACH - question.lost_after
    return Scope(replace(question, first_at=reach), without_erased(facts), at_hand=facts.at_hand), period


def cached_purchase_funnel(workspace: Workspace, *, days: int = PAGE_DAYS) -> Cached:
    """For pages; its value is a PurchaseFunnel of the last `days` days."""

    def compute(facts: Facts) -> PurchaseFunnel:
        scope, period = scope_of(facts, days, None, None)
        return funnel_of(facts.run(reached(scope, period.since_at)).to_pylist()[0])

    return cached(workspace, ("purchase funnel", days), compute)


def list_from_outflow(
    workspace: Workspace, outflow: str, name: str, *, days: int = PAGE_DAYS, note: str = "", actor: str
) -> SavedList:
    """The customers whom an outflow of the last `days` days concerns, as a saved list. InputError where it is nobody."""
    with open_facts(workspace) as facts:
        scope, period = scope_of(facts, days, None, None)
        campaigns = workspace.settings.friction.referral_campaigns
        rows = concerned(scope, Windows.of(period), outflow, campaigns)
        ids = facts.run(rows)["customer_id"].to_pylist()
    basis = {"outflow": outflow, "since": period.since_on.isoformat(), "until": period.until_on.isoformat()}
    return create_list(workspace, name, ids, note=note, origin="filter", basis=basis, actor=actor)
