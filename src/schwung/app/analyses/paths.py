"""Paths of a workspace."""

from dataclasses import replace
from datetime import date

from schwung.app.analyses.flywheel import without_erased
from schwung.app.analyses.visits import Day, gap_of
from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import Cached, cached
from schwung.app.ports import EngineName
from schwung.app.report import question_of, read_day
from schwung.app.wiring import Workspace
from schwung.measure import paths as measured
from schwung.measure.paths import Direction, Paths
from schwung.measure.scope import Scope


def paths(
    workspace: Workspace,
    anchor: str,
    *,
    direction: Direction = "from",
    length: int = 5,
    collapse: bool = True,
    since: Day = None,
    until: Day = None,
    engine: EngineName | None = None,
) -> Paths:
    """The most frequent sequences from (or to) an event, within visits."""
    first, last = read_day(since, "since"), read_day(until, "until")
    with open_facts(workspace, engine) as facts:
        return _paths(facts, anchor, direction, length, collapse, first, last)


def cached_paths(
    workspace: Workspace, anchor: str, direction: Direction, length: int, since: date | None, until: date | None
) -> Cached:
    """For pages."""
    return cached(
        workspace,
        ("paths", anchor, direction, length, since, until),
        lambda facts: _paths(facts.unkept(), anchor, direction, length, True, since, until),
    )


def _paths(
    facts: Facts, anchor: str, direction: Direction, length: int, collapse: bool, since: date | None, until: date | None
) -> Paths:
    scope = Scope(question_of(facts, (), since, until), without_erased(facts))
    found = measured.paths(scope, facts.run, anchor, direction, length, collapse=collapse, gap=gap_of(facts))
    return replace(found, snapshot_no=facts.snapshot_no, computed_at=facts.workspace.clock())
