"""Which products are bought together in a workspace."""

from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import SLOW_AGE, Cached, cached
from schwung.app.ports import EngineName
from schwung.app.reading import Prepared
from schwung.app.report import question_of
from schwung.app.wiring import Workspace
from schwung.predict.recommend.together import Together
from schwung.predict.recommend.together import together as counted


def together(workspace: Workspace, product: str | None = None, *, engine: EngineName | None = None) -> Together:
    """Pairs beyond chance, of all products or with one (its number or name). InputError for an unknown one."""
    with open_facts(workspace, engine) as facts:
        return _of_facts(facts, product)


def cached_together(workspace: Workspace, product: str | None = None) -> Cached:
    """For pages; its value is a Together."""
    return cached(workspace, ("together", product), lambda facts: _of_facts(facts.unkept(), product), most_age=SLOW_AGE)


def _of_facts(facts: Facts, product: str | None) -> Together:
    return counted(Prepared(facts, question_of(facts, (), None, None), ("together",)), product)
