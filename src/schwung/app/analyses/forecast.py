"""The forecast of a workspace."""

from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import Cached, cached
from schwung.app.ports import EngineName
from schwung.app.sight import sight_of
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.forecast.erring import Unit
from schwung.predict.forecast.forecast import LEVEL, Forecast, forecast

MOST = {"week": 104, "month": 24}
PERIODS = {"week": 26, "month": 6}


def forecasted(
    workspace: Workspace, *, unit: Unit = "week", periods: int | None = None, level: float = LEVEL,
    engine: EngineName | None = None,
) -> Forecast:  # fmt: skip
    """New customers, orders and revenue by week, or by calendar month after what is left of this one. InputError where too little is known."""
    count = _checked(unit, periods)
    with open_facts(workspace, engine) as facts, sight_of(facts) as sight:
        return forecast(sight, unit, count, level=level)


def cached_forecast(workspace: Workspace, unit: Unit = "week") -> Cached:
    """For pages: a Forecast, or the InputError that says why there is none."""

    def compute(facts: Facts) -> Forecast | InputError:
        try:
            with sight_of(facts) as sight:
                return forecast(sight, unit, PERIODS[unit])
        except InputError as error:
            return error

    return cached(workspace, ("forecast", unit), compute)


def _checked(unit: Unit, periods: int | None) -> int:
    count = PERIODS[unit] if periods is None else periods
    if 1 <= count <= MOST[unit]:
        return count
    raise InputError(
        "periods_wrong",
        Text(
            "The forecast reaches 1 to {most} periods ahead.", "Die Vorhersage reicht 1 bis {most} Perioden voraus."
        ).fill(most=MOST[unit]),
        Text("Choose another number.", "Eine andere Zahl wählen."),
    )
