"""Backtests of a model on a workspace's facts: walks forward in time, beside the naive rule."""

from dataclasses import dataclass
from typing import Any

from schwung.app.facts import open_facts
from schwung.app.model_fit import check_packages, sight_as_asked
from schwung.app.ports import EngineName
from schwung.app.train import Day, how_asked
from schwung.app.wiring import Workspace
from schwung.predict.as_json import backtest_json
from schwung.predict.model import Backtest, Model, TimeUnit
from schwung.predict.models import MODELS


@dataclass(frozen=True, slots=True)
class Tested:
    """A backtest with its model."""

    model: Model
    backtest: Backtest

    def to_json(self) -> dict[str, Any]:
        return {"model": self.model.name, **backtest_json(self.backtest)}


def backtest(
    workspace: Workspace, model: str, *, since: Day = None, until: Day = None, time_unit: TimeUnit = "day",
    horizon_days: int | None = None, engine: EngineName | None = None,
) -> Tested:  # fmt: skip
    """Fitted on what was known, judged on what came after. InputError where the facts are too short for that."""
    found = MODELS.find(model)
    check_packages(found)
    asked = how_asked(workspace, since, until, time_unit, horizon_days)
    with open_facts(workspace, engine) as facts, sight_as_asked(facts, asked) as sight:
        return Tested(found, found.backtest(sight, asked.options))
