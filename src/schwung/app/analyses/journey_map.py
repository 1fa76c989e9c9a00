"""The journey map of a workspace: of all customers, or of those in a list."""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta

from schwung.app.access import operators
from schwung.app.alerts import annotations
from schwung.app.analyses.flywheel import scope_of
from schwung.app.analyses.within import list_named, reading_within
from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import SLOW_AGE, Cached, cached
from schwung.app.lists import SavedList
from schwung.app.phase_rules import phase_rules
from schwung.app.ports import EngineName
from schwung.app.report import PAGE_DAYS, read_day
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY
from schwung.core.period import day_of
from schwung.core.text import Text
from schwung.measure import flywheel as wheel
from schwung.measure.journey_map.journey_map import JourneyMap, Note, columns
from schwung.measure.journey_map.rows import answers, by_channel, onward
from schwung.measure.journey_map.sentences import sentences
from schwung.measure.moves import HISTORY_DAYS
from schwung.measure.phase import Rules
from schwung.measure.phases.stays import stays
from schwung.measure.reading import Made, held
from schwung.measure.rolling import Windows

Day = date | str | None


def journey_map(
    workspace: Workspace,
    *,
    list: int | str | None = None,
    days: int = PAGE_DAYS,
    since: Day = None,
    until: Day = None,
    against: str | None = None,
    engine: EngineName | None = None,
) -> JourneyMap:
    """Phases, contacts, moves onward, waits, feeling and losses of a period; list: number or name of a saved list.

    against: what stands beside it: `before` (the period before), `all` (customers), or number or name of another list.
    """
    chosen, other = list_named(workspace, list), _other(workspace, list_named(workspace, list), against)
    first, last = read_day(since, "since"), read_day(until, "until")
    rules = phase_rules(workspace).rules
    with open_facts(workspace, engine) as facts:
        found = _of_facts(facts, rules, chosen, days, first, last)
        if other is not None:
            earlier = found.period.before() if other.before else found.period
            beside = _of_facts(facts, rules, other.list, days, earlier.since_on, earlier.until_on)
            found = replace(found, compared=beside)
    return _noted(workspace, found)


def cached_journey_map(
    workspace: Workspace, *, days: int = PAGE_DAYS, list_no: int | None = None, against: str | None = None
) -> Cached:
    """For pages; its value is a JourneyMap."""
    chosen = list_named(workspace, list_no)
    other = _other(workspace, chosen, against)
    rules = phase_rules(workspace).rules

    def asked(whose: SavedList | None, *, before: bool) -> Cached:
        named = (whose and whose.list_no, whose and whose.title)
        what = ("journey map", days, named, rules, *(("before",) if before else ()))
        return cached(
            workspace, what, lambda facts: _on_page(facts, rules, whose, days, before=before), SLOW_AGE, alone=True
        )

    found = asked(chosen, before=False)
    shown: JourneyMap = found.value
    if other is not None:
        shown = replace(shown, compared=asked(other.list, before=other.before).value)
    return replace(found, value=_noted(workspace, shown))


def _on_page(facts: Facts, rules: Rules, chosen: SavedList | None, days: int, *, before: bool) -> JourneyMap:
    """Of the last days, or as many days before those."""
    last = day_of(facts.as_of, facts.zone) - timedelta(days=days) if before else None
    return _of_facts(facts, rules, chosen, days, None, last)


@dataclass(frozen=True, slots=True)
class _Other:
    """Whose map stands beside: of the period before, or of the same period."""

    list: SavedList | None
    before: bool


def _other(workspace: Workspace, chosen: SavedList | None, against: str | None) -> _Other | None:
    if not against:
        return None
    if against == "before":
        return _Other(chosen, before=True)
    return _Other(None if against == "all" else list_named(workspace, against), before=False)


def _noted(workspace: Workspace, found: JourneyMap) -> JourneyMap:
    """With the annotations of its days, oldest first."""
    people = {f"operator:{one.operator_id}": one.name for one in operators(workspace)}
    notes = (
        Note(day, Text(one.text_en, one.text_de), one.phase, people.get(one.created_by, ""))
        for one in reversed(annotations(workspace))
        if found.period.since_on <= (day := date.fromisoformat(one.noted_on)) <= found.period.until_on
    )
    return replace(found, notes=tuple(notes))


def _of_facts(
    facts: Facts, rules: Rules, chosen: SavedList | None, days: int, since: date | None, until: date | None
) -> JourneyMap:
    facts = facts.unkept()
    scope, period = scope_of(facts, days, since, until)
    before = period.before()
    begins = min(period.since_at - HISTORY_DAYS * DAY, before.since_at)
    campaigns = facts.workspace.settings.friction.referral_campaigns
    with ExitStack() as stack:
        shape = "journey map", period, rules, tuple(campaigns)
        reading = reading_within(facts, scope, chosen, shape, stack)
        reading.keep("stays", lambda scope: stays(scope, rules, begins, scope.question.until_at))
        read: dict[str, Made] = {
            "onward": lambda scope: onward(held(scope, "stays"), (period, before), scope.question.until_at),
            "touched": lambda scope: by_channel(scope, held(scope, "stays"), period.since_at),
            "said": lambda scope: answers(scope, held(scope, "stays"), period.since_at),
        }
        moved, touched, said = (reading.rows(name, made).to_pylist() for name, made in read.items())
        lost = wheel.friction(reading, campaigns, Windows.of(period))
    shown = columns(moved, touched, said, lost)
    currency = scope.question.currency
    ranked = tuple(sorted(lost.outflows, key=lambda flow: (-flow.amount, flow.name)))
    told = sentences(shown, ranked, currency)
    return JourneyMap(
        period, currency, shown, lost, told, rules, chosen.list_no if chosen else None, chosen.title if chosen else None
    )
