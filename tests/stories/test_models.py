"""Models from facts to predictions: trained, kept, read, tested, exchanged; crashes, erasure, objections, merges."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pytest

from schwung.app import model_write
from schwung.app.consents import opt_out
from schwung.app.customers import find_customer
from schwung.app.export_letter import covering_letter
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
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict import summary
from schwung.predict.model import PREDICTED, Backtest, Model, Options, Prediction, Target, Trained, Wording
from schwung.predict.models import MODELS
from schwung.predict.sight import Sight
from tests import cast
from tests.conftest import FrozenClock, NewWorkspace

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


def test_old_version_holds_until_the_new_one_is_published(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash at any line leaves the old version valid, or the next holder of the lane brings the new one to its end."""
    cast.fill(workspace)
    first = train(workspace, "honest", actor="cli:test")
    before = _all(workspace)

    def dies(*given: object, **more: object) -> None:
        raise KeyboardInterrupt

    for place in ("stage", "open_batch"):
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(model_write, place, dies)
            train(workspace, "honest", horizon_days=10, actor="cli:test")
        assert _all(workspace) == before
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(model_write, "finish_training", dies)
        train(workspace, "honest", horizon_days=20, actor="cli:test")
    assert _all(workspace) == before, "its batch is fixed, but not published"
    with lane(workspace, "test") as held:
        assert finish_open_batch(workspace, held)
    after = _all(workspace)
    assert {row["horizon_days"] for row in after} == {20} and len(after) == len(before)
    again = train(workspace, "honest", actor="cli:test")
    assert [row["value"] for row in _all(workspace)] == [row["value"] for row in before]
    states = {one.version: one.state for one in versions(workspace, "honest")}
    assert states[first.version] == states[again.version] == "done" and "running" not in states.values()


def test_one_failure_stops_no_other(workspace: Workspace) -> None:
    cast.fill(workspace)
    found = {one.model: one for one in train_all(workspace, actor="cli:test")}
    assert found["refusing"].failure is not None and found["refusing"].failure.message.de == "Zu wenige."
    assert found["honest"].state == "done"
    with pytest.raises(InputError, match="Too few"):
        train(workspace, "refusing", actor="cli:test")
    assert [one.state for one in versions(workspace, "refusing")] == ["failed"], "the newest failure is kept"
    with pytest.raises(InputError, match="not trained"):
        predict(workspace, "refusing")


def test_the_worker_trains_what_is_asked_and_every_night(new_workspace: NewWorkspace, clock: FrozenClock) -> None:
    workspace = new_workspace()
    cast.fill(workspace)
    assert not train_due(workspace), "a new workspace begins with the next night"
    ask_training(workspace, "honest", actor="op:1")
    ask_training(workspace, "honest", actor="op:2")
    assert latest_versions(workspace)["honest"].state == "asked"
    with lease(workspace, "models"):
        assert not train_due(workspace), "another process trains"
    assert train_due(workspace)
    done = versions(workspace, "honest")
    assert [(one.state, one.asked_by) for one in done] == [("done", "op:1")]
    assert not train_due(workspace)
    clock.advance(DAY / 1_000_000)
    assert train_due(workspace) and not train_due(workspace)
    assert {name: one.state for name, one in latest_versions(workspace).items()} == {
        "honest": "done",
        "refusing": "failed",
    }
    weekly = new_workspace(name="weekly", more='[predict]\nschedule = "weekly"\n')
    off = new_workspace(name="off", more='[predict]\nschedule = "off"\n')
    cast.fill(weekly)
    assert not train_due(weekly) and not train_due(off)
    clock.advance(2 * DAY / 1_000_000)
    assert not train_due(weekly) and not train_due(off)
    clock.advance(6 * DAY / 1_000_000)
    assert train_due(weekly) and not train_due(off)


def test_who_is_no_truer_than_a_rule_of_thumb_says_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The numbers stay; the sentence tells why there is none."""
    cast.fill(workspace)
    anna = _number(workspace, "anna")
    for loss, is_true in ((0.5, True), (0.6, False), (0.7, False)):
        quality = {"log_loss": loss, "log_loss_naive": 0.6}
        judged = replace(HONEST, fit=lambda sight, asked, q=quality: replace(_fit(sight, asked), quality=q))
        monkeypatch.setattr(MODELS, "_things", {"honest": judged})
        train(workspace, "honest", actor="cli:test")
        (told,) = of_customer(workspace, anna)
        assert told.predictions and told.sentences[0].en.endswith("orders") == is_true
        assert ("nichts" in told.sentences[0].de) != is_true


def test_people_leave_predictions(workspace: Workspace) -> None:
    """Objection, erasure, merge and separation, export; retention leaves them alone."""
    cast.fill(workspace)
    train(workspace, "honest", actor="cli:test")
    anna, ben, cem, emil = (_number(workspace, name) for name in ("anna", "ben", "cem", "emil"))
    (told,) = of_customer(workspace, anna)
    assert told.sentences[0].en.endswith("orders") and told.predictions[0].reasons == [{"days": 2}]
    assert set(of_customers(workspace, [anna, ben], "honest", "orders")) == {anna, ben}

    opt_out(workspace, ben, "cli:test", topic="objection")
    assert of_customer(workspace, ben) == [] and of_customers(workspace, [ben], "honest", "orders") == {}
    merge(workspace, anna, cem, "cli:test")
    assert {row["customer_id"] for row in _all(workspace)} == {min(anna, cem), emil}
    unmerge(workspace, min(anna, cem), [max(anna, cem)], "cli:test")
    assert {row["customer_id"] for row in _all(workspace)} == {anna, cem, emil}, "after a separation each has its own"
    assert train(workspace, "honest", actor="cli:test").trained.customers == 3, "who objected is in no training"

    with zipfile.ZipFile(export_person(workspace, cem, "cli:test")) as archive:
        rows = json.loads(archive.read("json/predictions.json"))
    assert [row["target"] for row in rows] == ["orders"]
    letters = [str(covering_letter(workspace, "de", [], {"predictions": count}, [])) for count in (0, 1)]
    assert ["Profiling" in letter for letter in letters] == [False, True]
    forget(workspace, cem, "cli:test")
    retain(workspace, dry_run=False)
    assert {row["customer_id"] for row in _all(workspace)} == {anna, emil}
    assert train(workspace, "honest", actor="cli:test").trained.customers == 2
    assert all(str(cem) != str(row["identifier_id"]) for row in _all(workspace))


def test_nothing_is_said_of_who_was_erased_meanwhile(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.fill(workspace)
    anna = _number(workspace, "anna")
    write = model_write.write_predictions

    def erase_before(*given: object) -> None:
        forget(workspace, anna, "cli:test")
        write(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr("schwung.app.model_fit.write_predictions", erase_before)
        train(workspace, "honest", actor="cli:test")
    with open_facts(workspace) as facts:
        rows = facts.run(facts.everything("predictions"))
    assert anna not in rows["identifier_id"].to_pylist() and rows.num_rows == 3


def _number(workspace: Workspace, user: str) -> int:
    return find_customer(workspace, f"user_id:{user}")
