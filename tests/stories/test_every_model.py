"""What holds for every model: who objected (Art. 21 GDPR) is in no training and in no prediction; contracts that were cancelled."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pytest
from ibis import _

from schwung.app.facts import open_facts
from schwung.app.sight import sight_of
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.lifecycle import customer_orders
from schwung.predict.classify.outcome import OutcomeClassifier
from schwung.predict.model import Options, Prediction, Trained, Wording
from schwung.predict.models import MODELS, churn, lead_score, up_sell
from schwung.predict.sight import Sight
from schwung.predict.summary import whole
from tests.sights import but

ASKED = Options()
LEARN = {"churn", "lead_score", "up_sell"}
"""Learning takes long; whom they learn from is known before it begins."""


@pytest.fixture(scope="module")
def sight(simulated_workspace: Workspace) -> Iterator[Sight]:
    with open_facts(simulated_workspace) as facts, sight_of(facts) as seen:
        yield but(seen, {"subscriptions": lambda rows: subscribed(seen, rows)})


def subscribed(sight: Sight, rows: ir.Table) -> ir.Table:
    """Every second customer subscribed with the first order; of the cheap plan most have cancelled after some months."""
    first = customer_orders(whole(sight.scope)).group_by("customer_id").agg(first_at=_.ordered_at.min())
    first = first.filter(_.customer_id % 2 == 0)
    is_cheap = (first.customer_id // 2) % 2 == 0
    lasts = (30 + (first.customer_id * 7919) % ibis.ifelse(is_cheap, 300, 3_000)) * DAY

    def state(name: str, at: ir.Value) -> ir.Table:
        columns = {name: ibis.null(kind) for name, kind in rows.schema().items()}
        columns |= {
            "subscription_key": first.customer_id, "state": ibis.literal(name), "nth": ibis.literal(1),
            "source": ibis.literal("shop"), "identifier_id": first.customer_id, "customer_id": first.customer_id,
            "happened_at": at, "plan": ibis.ifelse(is_cheap, "basic", "plus"), "period": ibis.literal("month"),
            "monthly_minor": ibis.ifelse(is_cheap, 900, 4_900), "currency": ibis.literal("EUR"),
            "bucket": ibis.literal(1), "version": ibis.literal(1),
        }  # fmt: skip
        chosen = first.select(**{name: columns[name].cast(kind) for name, kind in rows.schema().items()})
        return chosen.filter(chosen.happened_at < sight.as_of)

    return state("started", first.first_at).union(state("cancelled", first.first_at + lasts))


def watched(sight: Sight, seen: set[int]) -> Sight:
    """The same; whoever a model reads a row of is noted."""

    def run(rows: ir.Table) -> pa.Table:
        found = sight.run(rows)
        for name in ("customer_id", "who"):
            if name in found.column_names:
                seen.update(found[name].drop_null().to_pylist())
        return found

    return replace(sight, run=run, earlier=lambda at: watched(sight.earlier(at), seen))


def _enough(*_given: object, **_asked: object) -> None:
    raise InputError("enough", Text("Enough.", "Genug."), Text("–", "–"))


@pytest.mark.parametrize("name", list(MODELS))
def test_who_objected_is_in_no_training_and_no_prediction(
    sight: Sight, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every third customer objects."""
    monkeypatch.setattr(OutcomeClassifier, "fit", _enough)
    first = replace(churn.PARTS[0].task, groups=churn.PARTS[0].task.groups[:1], add=None)
    monkeypatch.setattr(churn, "PARTS", (replace(churn.PARTS[0], task=first),))
    monkeypatch.setattr(lead_score, "TASK", replace(lead_score.TASK, groups=(lead_score.VISITS,)))
    quick = replace(up_sell.SALES[0].task, groups=up_sell.SALES[0].task.groups[:1])
    monkeypatch.setattr(up_sell, "SALES", (replace(up_sell.SALES[0], task=quick),))
    seen: set[int] = set()
    objecting = but(sight, {"profiles": lambda rows: rows.mutate(has_objected=rows.customer_id % 3 == 0)})
    known, trained = watched(objecting, seen), None
    asked = replace(ASKED, covariates=name == "mbg_nbd")
    with suppress(InputError):
        trained = MODELS[name].fit(known, asked)
    assert (trained is None) == (name in LEARN)
    if trained is None:
        trained = same_of_all(name)
    found = MODELS[name].predict(known, trained, ASKED)["customer_id"].to_numpy()
    assert len(found) > 20 and not (found % 3 == 0).any()
    assert seen and not {one for one in seen if one % 3 == 0}
    if trained.customers > 2:
        bought = sight.run(customer_orders(whole(sight.scope)).select("customer_id").distinct())["customer_id"]
        assert trained.customers <= int((bought.to_numpy() % 3 != 0).sum())


def same_of_all(name: str) -> Trained:
    """A model that says the same of everybody: whom it speaks of does not hang on it."""
    column = "visit_days_30" if name == "lead_score" else "orders"
    fitted = {
        "way": "logistic", "columns": [{"name": column, "kind": "number", "words": []}],
        "predictor": {"middle": [0.0], "scale": [1.0], "weights": [0.0, 0.0], "mean": [0.0, 0.0], "start": 0.0},
        "calibration": [1.0, 0.0], "n": 2, "positives": 1,
    }  # fmt: skip
    part = {"days": 90, "fitted": {up_sell.SALES[0].target: fitted} if name == "up_sell" else fitted}
    return Trained({}, {}, None, 2, state={"orders": part, "worth": {"": 1.0}, "average": 1.0, **part})


def test_contracts_are_learned_where_enough_were_cancelled(sight: Sight, monkeypatch: pytest.MonkeyPatch) -> None:
    contracts = churn.PARTS[1]
    groups = tuple(group for group in contracts.task.groups if group.name in ("orders", "contracts"))
    monkeypatch.setattr(churn, "PARTS", (replace(contracts, task=replace(contracts.task, groups=groups)),))
    trained = churn.fit(sight, ASKED)
    assert trained.remarks[0].en.startswith("With a contract: leaving means that no subscription runs any more after ")
    assert trained.quality["auc"] > 0.75 and trained.quality["log_loss"] < trained.quality["log_loss_naive"]
    kinds = trained.checks["contracts_kinds"]
    assert kinds and sum(row["n"] for row in kinds if row["title_en"].startswith("Days")) > 100
    rows = churn.predict(sight, trained, ASKED)
    p = {row["customer_id"]: row for row in rows.to_pylist() if row["target"] == "churn_probability"}
    assert p and all(one % 2 == 0 for one in p), "who has a contract"
    cheap, dear = (np.mean([row["value"] for one, row in p.items() if (one // 2) % 2 == part]) for part in (0, 1))
    assert cheap > 2 * dear
    wording = Wording("EUR", 100, "Europe/Berlin")
    said = MODELS["churn"].words([Prediction(**{name: row[name] for name in ("target", "rank", "value", "low", "high", "label")}, reasons=json.loads(row["reasons"])) for row in [max(p.values(), key=lambda one: one["value"])]], wording)  # fmt: skip
    assert said[0].en.startswith("Cancels within ") and said[0].de.startswith("Kündigt in ")
