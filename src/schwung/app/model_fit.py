"""One training: read, fit, predict, write; the version holds when its predictions are published, the old one until then."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from importlib.util import find_spec

import pyarrow as pa
import pyarrow.compute as pc

from schwung.app.facts import Facts, open_facts
from schwung.app.log import described, log
from schwung.app.model_versions import Asked, Failure, Step, Version, holding, read_version
from schwung.app.model_write import Kept, write_predictions
from schwung.app.ports import EngineName
from schwung.app.sight import sight_of, window_of
from schwung.app.wiring import Workspace
from schwung.core.errors import SchwungError, SetupError
from schwung.core.text import Text
from schwung.predict.as_json import finite, result_json
from schwung.predict.drift import Drift, drift, grouping, moved_share
from schwung.predict.model import PREDICTED, Model, Trained
from schwung.predict.models import MODELS
from schwung.predict.sight import Sight

Watch = Callable[[str, Step], object]
"""Told what is done at present: name of the model, step."""


def silent(model: str, step: Step) -> None:
    """Nobody watches."""


def fit_version(
    workspace: Workspace, number: int, actor: str, engine: EngineName | None, watch: Watch, *, frugal: bool = False
) -> tuple[Version, Exception | None]:
    """Train a version that was asked for. Why it failed is kept with it, and told."""
    with workspace.store.write() as tx:
        tx.run("models.start", version=number, asked_by=actor, now=workspace.clock())
    started, error = _version(workspace, number), None
    try:
        _train(workspace, started, engine, watch, frugal=frugal)
    except Exception as failed:
        error = failed
        if not isinstance(failed, SchwungError):
            log("training_failed", level="error", model=started.model, **described(failed))
        kept = json.dumps(Failure.of(failed).to_json(), ensure_ascii=False)
        with workspace.store.write() as tx:
            tx.run("models.fail", version=number, now=workspace.clock(), error=kept)
            tx.run("models.forget_failed", model=started.model, version=number)
    return _version(workspace, number), error


def sight_as_asked(facts: Facts, asked: Asked) -> AbstractContextManager[Sight]:
    """What a training with these dates sees."""
    since, until = (None if day is None else date.fromisoformat(day) for day in (asked.since, asked.until))
    return sight_of(facts, since, until)


def check_packages(model: Model) -> None:
    """SetupError where a package of the extra `models` is not installed."""
    missing = [name for name in model.packages if find_spec(name) is None]
    if missing:
        raise SetupError(
            "package_missing",
            Text(
                "The model {model} needs the packages {names}.", "Das Modell {model} braucht die Pakete {names}."
            ).fill(model=model.name, names=", ".join(missing)),
            Text("Install them with: pip install 'schwung[models]'", "Installieren mit: pip install 'schwung[models]'"),
        )


def _train(workspace: Workspace, version: Version, engine: EngineName | None, watch: Watch, *, frugal: bool) -> None:
    model = MODELS.find(version.model)
    check_packages(model)
    options = version.asked.options

    def step(name: Step) -> None:
        with workspace.store.write() as tx:
            tx.run("models.set_step", version=version.version, step=name)
        watch(model.name, name)

    watch(model.name, "read")
    with open_facts(workspace, engine, frugal=frugal) as facts, sight_as_asked(facts, version.asked) as sight:
        step("fit")
        trained = model.fit(sight, options)
        step("predict")
        rows = model.predict(sight, trained, options).cast(PREDICTED)
        changed = _drift(workspace, facts, version.asked, model, trained, rows)
        window, as_of, snapshot_no = window_of(sight), sight.as_of, facts.snapshot_no
    step("write")
    result = result_json(trained) | {
        "window": window,
        "predicted": rows.num_rows,
        "drift": None if changed is None else changed.to_json(),
    }
    kept = Kept(version.version, model.name, as_of, options.horizon_days, trained.customers, _text(result), _text(trained.checks), _text(trained.state))  # fmt: skip
    write_predictions(workspace, kept, rows, snapshot_no)


def _drift(
    workspace: Workspace, facts: Facts, asked: Asked, model: Model, trained: Trained, rows: pa.Table
) -> Drift | None:
    """Against the version that holds; None where there is none, or where it was asked about other facts or on another clock."""
    with workspace.store.read() as tx:
        before = holding(tx, model.name, facts.snapshot_no)
    if before is None or before.trained is None or replace(before.asked, horizon_days=asked.horizon_days) != asked:
        return None
    target = grouping(model)
    told = facts.table("predictions")
    told = told.filter(told.model_version == before.version, told.target == target, told["rank"] == 0)
    then = facts.run(told.select("value", "label", customer_id="identifier_id"))
    now = rows.filter(pc.and_(pc.equal(rows["target"], target), pc.equal(rows["rank"], 0)))
    moved = moved_share(then, now.select(["customer_id", "value", "label"]))
    return drift(before.version, before.trained, trained, moved)


def _version(workspace: Workspace, number: int) -> Version:
    with workspace.store.read() as tx:
        row = tx.row("models.one", version=number)
    assert row is not None
    return read_version(row)


def _text(value: object) -> str:
    return json.dumps(finite(value), ensure_ascii=False, allow_nan=False)
