"""The journey map of a workspace: of all customers, or of those in a list."""

from datetime import date

from schwung.app.analyses.flywheel import scope_of
from schwung.app.analyses.within import list_named, scope_within
from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import SLOW_AGE, Cached, cached
from schwung.app.lists import SavedList
from schwung.app.phase_rules import phase_rules
from schwung.app.ports import EngineName
from schwung.app.report import PAGE_DAYS, read_day
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY
from schwung.measure import flywheel as wheel
from schwung.measure.journey_map.journey_map import JourneyMap, columns
from schwung.measure.journey_map.rows import answers, by_channel, onward
from schwung.measure.journey_map.sentences import sentences
from schwung.measure.moves import HISTORY_DAYS
from schwung.measure.phase import Rules
from schwung.measure.phases.stays import stays
from schwung.measure.rolling import Windows

Day = date | str | None


def journey_map(
    workspace: Workspace,
    *,
    list: int | str | None = None,
    days: int = PAGE_DAYS,
    since: Day = None,
    until: Day = None,
    engine: EngineName | None = None,
) -> JourneyMap:
    """Phases, contacts, moves onward, waits, feeling and losses of a period; list: number or name of a saved list."""
    chosen = list_named(workspace, list)
    first, last = read_day(since, "since"), read_day(until, "until")
    rules = phase_rules(workspace).rules
    with open_facts(workspace, engine) as facts:
        return _of_facts(facts, rules, chosen, days, first, last)


def cached_journey_map(workspace: Workspace, *, days: int = PAGE_DAYS, list_no: int | None = None) -> Cached:
    """For pages; its value is a JourneyMap."""
    chosen = list_named(workspace, list_no)
    rules = phase_rules(workspace).rules
    named = (list_no, chosen.name if chosen else "")
    return cached(workspace, ("journey map", days, named, rules), lambda facts: _of_facts(facts, rules, chosen, days, None, None), SLOW_AGE)  # fmt: skip


def _of_facts(
    facts: Facts, rules: Rules, chosen: SavedList | None, days: int, since: date | None, until: date | None
) -> JourneyMap:
    facts = facts.unkept()
    scope, period = scope_of(facts, days, since, until)
    scope = scope_within(facts, scope, chosen)
    before = period.before()
    begins = min(period.since_at - HISTORY_DAYS * DAY, before.since_at)
    inside = facts.engine.memtable(facts.run(stays(scope, rules, begins, scope.question.until_at)), "stays")
    moved = facts.run(onward(inside, (period, before), scope.question.until_at)).to_pylist()
    touched = facts.run(by_channel(scope, inside, period.since_at)).to_pylist()
    said = facts.run(answers(scope, inside, period.since_at)).to_pylist()
    campaigns = facts.workspace.settings.friction.referral_campaigns
    lost = wheel.friction(scope, period, facts.run, campaigns, Windows.of(period))
    shown = columns(moved, touched, said, lost)
    currency = scope.question.currency
    ranked = tuple(sorted(lost.outflows, key=lambda flow: (-flow.amount, flow.name)))
    told = sentences(shown, ranked, currency)
    return JourneyMap(
        period, currency, shown, lost, told, rules, chosen.list_no if chosen else None, chosen.name if chosen else ""
    )
