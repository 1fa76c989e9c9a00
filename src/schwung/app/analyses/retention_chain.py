"""The retention chain of a workspace."""

from datetime import date

from schwung.app.analyses.flywheel import Day, scope_of
from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import SLOW_AGE, Cached, cached
from schwung.app.ports import EngineName
from schwung.app.report import read_day
from schwung.app.wiring import Workspace
from schwung.measure import retention_chain as chain
from schwung.measure.retention_chain import RetentionChain


def retention_chain(workspace: Workspace, *, until: Day = None, engine: EngineName | None = None) -> RetentionChain:
    """From all facts up to a day, the whole of it within."""
    last = read_day(until, "until")
    with open_facts(workspace, engine) as facts:
        return _of(facts, last)


def cached_retention_chain(workspace: Workspace) -> Cached:
    """For pages; its value is a RetentionChain."""
    return cached(workspace, "retention chain", lambda facts: _of(facts.unkept(), None), SLOW_AGE)


def _of(facts: Facts, until: date | None) -> RetentionChain:
    scope, _period = scope_of(facts, 1, None, until)
    return chain.retention_chain(scope, facts.run)
