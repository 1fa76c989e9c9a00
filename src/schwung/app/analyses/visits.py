"""Visits of a workspace."""

from dataclasses import replace
from datetime import date

from schwung.app.analyses.flywheel import without_erased
from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import Cached, cached
from schwung.app.ports import EngineName
from schwung.app.report import question_of, read_day
from schwung.app.wiring import Workspace
from schwung.core.clock import MINUTE
from schwung.measure import visits
from schwung.measure.scope import Scope
from schwung.measure.visits import VisitFigures

Day = date | str | None


def visit_figures(
    workspace: Workspace, *, since: Day = None, until: Day = None, engine: EngineName | None = None
) -> VisitFigures:
    """Visits by channel with customers and conversion. since, until: days, both within."""
    first, last = read_day(since, "since"), read_day(until, "until")
    with open_facts(workspace, engine) as facts:
        return _figures(facts, first, last)


def cached_visits(workspace: Workspace, since: date | None, until: date | None) -> Cached:
    """For pages."""
    return cached(workspace, ("visits", since, until), lambda facts: _figures(facts.unkept(), since, until))


def gap_of(facts: Facts) -> int:
    """Microseconds after which a visit is over, by the setting."""
    return facts.workspace.settings.visits.gap_minutes * MINUTE


def _figures(facts: Facts, since: date | None, until: date | None) -> VisitFigures:
    scope = Scope(question_of(facts, (), since, until), without_erased(facts))
    found = visits.visit_figures(scope, facts.run, gap_of(facts))
    return replace(found, snapshot_no=facts.snapshot_no, computed_at=facts.workspace.clock())
