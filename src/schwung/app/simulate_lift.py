"""What journeys truly brought on the simulated shop, beside what their experiments measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schwung.act.experiment.design import TREATED
from schwung.act.experiment.effect import Effect
from schwung.app.analyses.experiment import results
from schwung.app.experiments import Experiment
from schwung.app.journeys import journeys
from schwung.app.simulate_start import check_filled
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, Instant
from schwung.core.text import Text
from schwung.simulation.draws import Ints
from schwung.simulation.people import number_of

OUTCOMES = ("conversion", "orders")
"""Outcomes of experiments of which the truth is known exactly."""


@dataclass(frozen=True, slots=True)
class Lift:
    """One outcome of a journey's holdout, or of the one of all. true: mean over the treated of what is there with the journey's
    messages less what would have been there without them."""

    experiment: str
    title: Text
    outcome: str
    effect: Effect
    true: float

    @property
    def is_covered(self) -> bool:
        return self.effect.low <= self.true <= self.effect.high

    def to_json(self) -> dict[str, Any]:
        told = {"experiment": self.experiment, "outcome": self.outcome, **self.effect.to_json()}
        return told | {"true": self.true, "covered": self.is_covered}


def lifts(workspace: Workspace) -> list[Lift]:
    """Of every experiment that compares people with and without messages of journeys, where enough were followed.

    What one journey takes from another (it leads to an order, and so the other has nobody to write to) is not in the truth of the one.
    """
    check_filled(workspace)
    truth = workspace.folder / "truth" / "life" / "orders"
    if not truth.exists():
        return []
    orders = pa.concat_tables([pq.read_table(file) for file in sorted(truth.glob("*.parquet"))])
    journey_no_of = {one.name: one.journey_no for one in journeys(workspace)}
    found = []
    for experiment, told in results(workspace):
        if experiment.kind == "journey" and experiment.subject in journey_no_of:
            chosen: int | None = journey_no_of[experiment.subject]
        elif experiment.kind == "global":
            chosen = None
        else:
            continue
        true = _true(workspace, experiment, orders, chosen, told.as_of)
        for one in told.compared:
            if one.outcome.name in true:
                found.append(
                    Lift(experiment.name, experiment.title, one.outcome.name, one.effect, true[one.outcome.name])
                )
    return found


def _true(
    workspace: Workspace, experiment: Experiment, orders: pa.Table, journey_no: int | None, as_of: Instant
) -> Mapping[str, float]:
    """Over the treated whose days are over: orders of their own and those that other journeys brought would have been there
    anyway, and those that a grudge left away."""
    who, since = _treated(workspace, experiment, as_of)
    if not len(who):
        return {}
    until = since + experiment.design.window_days * DAY
    person, at = orders["customer_no"].to_numpy(), orders["ordered_at"].to_numpy()
    place = np.searchsorted(who, person)
    place = np.minimum(place, len(who) - 1)
    inside = (who[place] == person) & (at > since[place]) & (at <= until[place])
    cause = orders["cause"]
    of_journey = np.ones(len(orders), dtype=bool)
    if journey_no is not None:
        of_journey = pc.fill_null(pc.equal(orders["journey_no"], journey_no), False).to_numpy(zero_copy_only=False)
    added = inside & of_journey & pc.equal(cause, "added").to_numpy(zero_copy_only=False)
    away = inside & of_journey & pc.equal(cause, "left_away").to_numpy(zero_copy_only=False)
    placed = inside & pc.not_equal(cause, "left_away").to_numpy(zero_copy_only=False)
    with_it = np.bincount(place[placed], minlength=len(who))
    without = with_it - np.bincount(place[added], minlength=len(who)) + np.bincount(place[away], minlength=len(who))
    return {
        "orders": float((with_it - without).mean()),
        "conversion": float(((with_it > 0).astype(float) - (without > 0)).mean()),
    }


def _treated(workspace: Workspace, experiment: Experiment, as_of: Instant) -> tuple[Ints, Ints]:
    """Numbers of the treated customers whose days are over, ascending, and when each met the experiment."""
    with workspace.store.read() as tx:
        rows = tx.tuples("simulation.exposed", experiment_no=experiment.experiment_no)
    arms: dict[int, set[str]] = {}
    met: dict[int, Instant] = {}
    for _, arm, exposed_at, address in rows:
        number = number_of(address)
        if number is not None:
            arms.setdefault(number, set()).add(arm)
            met[number] = min(exposed_at, met.get(number, exposed_at))
    ends = as_of - experiment.design.window_days * DAY
    chosen = sorted(one for one, those in arms.items() if those == {TREATED} and met[one] <= ends)
    return np.array(chosen, dtype=np.int64), np.array([met[one] for one in chosen], dtype=np.int64)
