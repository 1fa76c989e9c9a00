"""The retention chain of a workspace."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import date

from schwung.app.analyses.flywheel import Day, scope_of
from schwung.app.analyses.within import list_named, reading_within
from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import SLOW_AGE, Cached, cached
from schwung.app.lists import SavedList
from schwung.app.ports import EngineName
from schwung.app.report import read_day
from schwung.app.wiring import Workspace
from schwung.measure import retention_chain as chain
from schwung.measure.retention_chain import RetentionChain


def retention_chain(
    workspace: Workspace, *, list: int | str | None = None, until: Day = None, engine: EngineName | None = None
) -> RetentionChain:
    """From all facts up to a day, the whole of it within; list: number or name of a saved list."""
    last, chosen = read_day(until, "until"), list_named(workspace, list)
    with open_facts(workspace, engine) as facts:
        return _of(facts, chosen, last)


def cached_retention_chain(workspace: Workspace, list_no: int | None = None) -> Cached:
    """For pages; its value is a RetentionChain."""
    chosen = list_named(workspace, list_no)
    named = ("retention chain", list_no) if chosen else "retention chain"
    return cached(workspace, named, lambda facts: _of(facts.unkept(), chosen, None), SLOW_AGE)


def _of(facts: Facts, chosen: SavedList | None, until: date | None) -> RetentionChain:
    scope, _period = scope_of(facts, 1, None, until)
    with ExitStack() as stack:
        found = chain.retention_chain(reading_within(facts, scope, chosen, ("retention chain",), stack))
    return replace(found, list_no=chosen.list_no, list_name=chosen.title) if chosen else found
