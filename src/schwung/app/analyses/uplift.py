"""Whom an experiment's action moves, learned from its groups and what was known of people at the first meeting."""

from dataclasses import dataclass

import pyarrow.compute as pc

from schwung.act.experiment.outcomes import followed
from schwung.act.experiment.uplift import Drawn, Uplift, learn
from schwung.app.analyses.experiment import met
from schwung.app.experiments import Experiment, read_experiment
from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import SLOW_AGE, Cached, cached
from schwung.app.ports import EngineName
from schwung.app.sight import sight_of
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.classify.coding import columns_of, matrix_of
from schwung.predict.features.frame import features_at


@dataclass(frozen=True, slots=True)
class Line:
    """A model as a page shows it, see `Judged`."""

    name: str
    title: Text
    qini: float
    low: float
    high: float
    drawn: tuple[Drawn, ...]


@dataclass(frozen=True, slots=True)
class WhomItMoves:
    """What `Uplift` says, without the fitted models, so that it can be kept. models: the best first."""

    arm: str
    n: int
    is_usable: bool
    words: Text
    models: tuple[Line, ...]
    response: Line


def uplift(
    workspace: Workspace, name: str, *, arm: str | None = None, seed: int = 1, engine: EngineName | None = None
) -> Uplift:
    """arm: the treated group that is compared; None: the first. Success is the experiment's goal. Who objected to profiling
    is left out. InputError for an unknown experiment or group, and where too few were followed."""
    found = read_experiment(workspace, name)
    treated = _treated(found, arm)
    with open_facts(workspace, engine) as facts:
        return _learned(facts, found, treated, seed)


def cached_uplift(workspace: Workspace, found: Experiment, arm: str | None = None) -> Cached:
    """For pages; its value is a WhomItMoves. InputErrors as `uplift`."""
    treated = _treated(found, arm)
    key = ("uplift", found.experiment_no, found.people, found.design, treated)
    return cached(
        workspace, key, lambda facts: _told(treated, _learned(facts, found, treated, 1)), SLOW_AGE, alone=True
    )


def _treated(found: Experiment, arm: str | None) -> str:
    design = found.design
    treated = design.arms[1].arm if arm is None else arm
    if treated not in design.shares or treated == design.control:
        raise InputError(
            "experiment_arm_unknown",
            Text("“{name}” has no treated group “{arm}”.", "„{name}“ hat keine behandelte Gruppe „{arm}“.").fill(
                name=found.name, arm=treated[:60]
            ),
            Text("Groups: {known}.", "Gruppen: {known}.").fill(known=", ".join(list(design.shares)[1:])),
        )
    return treated


def _learned(facts: Facts, found: Experiment, treated: str, seed: int) -> Uplift:
    design = found.design
    with sight_of(facts) as sight:
        rows, scope, missing = met(facts, found)
        people = followed(scope, rows, design, past="revenue" if missing else "margin")
        moments = people.filter(people.arm.isin((design.control, treated)))
        frame = features_at(
            sight, moments.select("customer_id", "arm", "conversion", moment_at="exposed_at"), name="uplift"
        )
    known = frame.rows.select(frame.names)
    columns, _left_out = columns_of(known, has_moments=False)
    is_treated = pc.equal(frame.rows["arm"], treated).to_numpy(zero_copy_only=False)
    success = frame.rows["conversion"].to_numpy(zero_copy_only=False)
    return learn(matrix_of(known, columns), is_treated, success, columns, seed=seed)


def _told(arm: str, found: Uplift) -> WhomItMoves:
    lines = [
        Line(one.name, one.title, one.qini, one.low, one.high, one.drawn) for one in (*found.models, found.response)
    ]
    return WhomItMoves(arm, found.n, found.is_usable, found.words, tuple(lines[:-1]), lines[-1])
