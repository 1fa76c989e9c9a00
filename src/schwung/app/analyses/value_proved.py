"""What a workspace's journeys are proved to have earned."""

from schwung.act.experiment.outcomes import statistics
from schwung.act.experiment.value import Proved, proved
from schwung.app.analyses.experiment import met, scope_of
from schwung.app.experiments import experiments
from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import SLOW_AGE, Cached, cached
from schwung.app.ports import EngineName
from schwung.app.wiring import Workspace
from schwung.core.period import day_of


def value_proved(workspace: Workspace, *, engine: EngineName | None = None) -> Proved:
    """Added margin of all journeys with a holdout, in the last twelve months and by month."""
    with open_facts(workspace, engine) as facts:
        return of_facts(facts)


def cached_value_proved(workspace: Workspace) -> Cached:
    """For pages; its value is a Proved."""
    return cached(workspace, "value proved", lambda facts: of_facts(facts.unkept()), SLOW_AGE)


def of_facts(facts: Facts) -> Proved:
    """Over facts that are open already."""
    held = [one for one in experiments(facts.workspace) if one.kind == "journey" and one.people]
    _scope, missing = scope_of(facts)
    known = []
    for one in () if missing else held:
        rows, scope, _ = met(facts, one)
        known.append((one.name, one.design, facts.run(statistics(scope, rows, one.design))))
    return proved(known, day_of(facts.as_of, facts.zone), facts.currency, missing if held else ())
