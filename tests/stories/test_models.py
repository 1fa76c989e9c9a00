"""Models from facts to predictions: trained, kept, read, tested, exchanged; crashes, erasure, objections, merges."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pytest

from schwung.app import model_write
from schwung.app.consents import opt_out
from schwung.app.export_person import export_person
from schwung.app.facts import open_facts
from schwung.app.forget import forget
from schwung.app.lane import lane, lease
from schwung.app.merge import merge, unmerge
from schwung.app.model_versions import latest_versions, versions
from schwung.app.predictions import of_customer, of_customers, predict, predictions
from schwung.app.publish import finish_open_batch
from schwung.app.retain import retain
from schwung.app.train import ask_training, train, train_all, train_due
from schwung.app.wiring import Workspace, open_workspace
from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict import summary
from schwung.predict.model import PREDICTED, Backtest, Model, Options, Prediction, Target, Trained, Wording
from schwung.predict.models import MODELS
from schwung.predict.sight import Sight
from tests import cast

SAID = Text("Word of honour.", "Ehrenwort.")


def _fit(sight: Sight, options: Options) -> Trained:
    found = summary.read(sight, options.time_unit)
    rate = found.summary.distinct.purchases / float(found.summary.T @ found.summary.count)
    return Trained(
        {"rate": rate}, {"rate": rate / 10}, -1.0, int(found.summary.distinct.customers), quality={"mae": 0.5}
    )


def _predict(sight: Sight, trained: Trained, options: Options) -> pa.Table:
    rows = sight.run(summary.kept_purchases(sight))
    count = rows.num_rows
    values = pa.array([trained.parameters["rate"] * options.horizon_days] * count)
    given = {
        "customer_id": rows["customer_id"], "target": ["orders"] * count, "rank": pa.array([0] * count, pa.int32()),
        "value": values, "low": values, "high": values, "label": pa.nulls(count, pa.string()),
        "reasons": [json.dumps([{"days": one}]) for one in rows["frequency"].to_pylist()],
    }  # fmt: skip
    return pa.table(given).cast(PREDICTED)


def _words(said: list[Prediction], wording: Wording) -> tuple[Text, ...]:
    return (Text("{n} orders", "{n} Bestellungen").fill(n=said[0].value),)


HONEST = Model(
    "honest", SAID, SAID, SAID, "none", ("orders",), (Target("orders", SAID, "count"),), _fit, _predict,
    lambda sight, options: Backtest(()), _words,
)  # fmt: skip


def _refuse(sight: Sight, options: Options) -> Trained:
    raise InputError("too_few_customers", Text("Too few.", "Zu wenige."), Text("Wait.", "Warten."))


@pytest.fixture(autouse=True)
def _models(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One model that counts, one that refuses: what becomes of them is the same for all."""
    monkeypatch.setattr(
        MODELS, "_things", {"refusing": replace(HONEST, name="refusing", fit=_refuse), "honest": HONEST}
    )
    yield


def _all(workspace: Workspace) -> list[dict[str, object]]:
    with open_facts(workspace) as facts:
        return facts.run(predictions(facts)).sort_by("customer_id").to_pylist()


def test_training_keeps_a_version_and_publishes(each_workspace: Workspace) -> None:
    cast.fill(each_workspace)
    steps: list[str] = []
    version = train(each_workspace, "honest", actor="cli:test", watch=lambda name, step: steps.append(step))
    assert steps == ["read", "fit", "predict", "write"]
    told = version.to_json()
    assert set(told) == {
        "model",
        "version",
        "parameters",
        "standard_errors",
        "log_likelihood",
        "customers",
        "window",
        "warnings",
    }
    assert told["customers"] == 4, "Anna, Ben, Cem, Emil; Dana never ordered, guests are nobody"
    assert told["window"] == {"since": "2026-02-01", "until": "2026-11-20"}
    rows = _all(each_workspace)
    assert len(rows) == 4 and {row["model_version"] for row in rows} == {version.version}
    again = train(each_workspace, "honest", horizon_days=730, actor="cli:test")
    twice = _all(each_workspace)
    assert [row["value"] for row in twice] == [2 * row["value"] for row in rows], "exchanged, not added"
    assert again.drift is not None and again.drift.version == version.version
    assert again.drift.parameters == {"rate": 0.0} and again.drift.moved_share == 0.0
    assert [one.state for one in versions(each_workspace, "honest")] == ["done", "done"]
    assert predict(each_workspace, "honest", horizon_days=365).rows["value"].to_pylist() == [r["value"] for r in rows]
