"""Whom an experiment's action moves, learned from its groups and what was known of people at the first meeting."""

import pyarrow.compute as pc

from schwung.act.experiment.outcomes import followed
from schwung.act.experiment.uplift import Uplift, learn
from schwung.app.analyses.experiment import met
from schwung.app.experiments import read_experiment
from schwung.app.facts import open_facts
from schwung.app.ports import EngineName
from schwung.app.sight import sight_of
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.classify.coding import columns_of, matrix_of
from schwung.predict.features.frame import features_at


def uplift(
    workspace: Workspace, name: str, *, arm: str | None = None, seed: int = 1, engine: EngineName | None = None
) -> Uplift:
    """arm: the treated group that is compared; None: the first. Success is the experiment's goal. Who objected to profiling
    is left out. InputError for an unknown experiment or group, and where too few were followed."""
    found = read_experiment(workspace, name)
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
    with open_facts(workspace, engine) as facts, sight_of(facts) as sight:
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
