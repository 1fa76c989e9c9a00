"""Saved lists from predictions: “the 200 most valuable customers at risk”, hot leads."""

from typing import Any

from ibis import _

from schwung.app.facts import open_facts
from schwung.app.lists import SavedList, create_list, nobody_fits
from schwung.app.model_versions import newest_version
from schwung.app.predictions import predictions
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.model import Model, Target
from schwung.predict.models import MODELS

MOST = 200


def list_from_predictions(
    workspace: Workspace, name: str, model: str, target: str | None = None, *, at_least: float | None = None,
    at_most: float | None = None, label: str | None = None, by: str | None = None, most: int = MOST, note: str = "",
    actor: str,
) -> SavedList:  # fmt: skip
    """Customers whose prediction lies within the bounds (money in minor units, dates as UTC instants in microseconds) or has
    the label; of these the `most` with the highest value of `by`: a target of the model, or `model.target`.

    `list_from_predictions(shop, "At risk", "churn", "churn_probability", at_least=0.5, by="value_at_risk", actor=…)`.
    InputError for what is no model or target, for a model that was never trained, and for nobody.
    """
    found = MODELS.find(model)
    chosen = _target(found, target)
    first, _dot, second = (by or chosen.name).rpartition(".")
    ranking = MODELS.find(first) if first else found
    ranked = _target(ranking, second)
    for one in {found.name, ranking.name}:
        newest_version(workspace, one)
    with open_facts(workspace) as facts:
        rows = predictions(facts).filter(_["rank"] == 0)
        mine = rows.filter(rows.model == found.name, rows.target == chosen.name)
        tests = []
        if at_least is not None:
            tests.append(mine.value >= at_least)
        if at_most is not None:
            tests.append(mine.value <= at_most)
        if label is not None:
            tests.append(mine.label == label)
        mine = mine.filter(*tests) if tests else mine
        order = rows.filter(rows.model == ranking.name, rows.target == ranked.name, rows.value.notnull())
        order = order.select("customer_id", sorted_by="value")
        best = mine.select("customer_id").join(order, "customer_id", rname="by_{name}")
        best = best.order_by([_.sorted_by.desc(), _.customer_id]).limit(most)
        ids = facts.run(best)["customer_id"].to_pylist()
    if not ids:
        raise nobody_fits()
    basis: dict[str, Any] = {
        "model": found.name, "target": chosen.name, "at_least": at_least, "at_most": at_most, "label": label,
        "by": f"{ranking.name}.{ranked.name}", "most": most,
    }  # fmt: skip
    return create_list(workspace, name, ids, note=note, origin="prediction", basis=basis, actor=actor)


def _target(model: Model, name: str | None) -> Target:
    if name is None:
        return model.targets[0]
    for one in model.targets:
        if one.name == name:
            return one
    raise InputError(
        "unknown_target",
        Text("The model {model} does not predict “{name}”.", "Das Modell {model} sagt „{name}“ nicht vorher.").fill(
            model=model.name, name=name
        ),
        Text("It predicts: {names}.", "Es sagt vorher: {names}.").fill(
            names=", ".join(one.name for one in model.targets)
        ),
    )
