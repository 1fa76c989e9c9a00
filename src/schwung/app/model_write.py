"""Exchanges a model's predictions in the lake for those of a new version, which holds from that batch on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schwung.app.lane import Held, lane
from schwung.app.ports import Transaction
from schwung.app.publish import finish_open_batch, open_batch, publish, stage, staged
from schwung.app.wiring import TABLES, Workspace
from schwung.collect.arrow import rows_of
from schwung.core.clock import Instant
from schwung.core.stable_hash import bucket_of

_SLICE = 50_000
_WAIT = 600.0
_STAGING = "predictions"


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store keeps of a version that is done; result, checks, state as JSON text."""

    version: int
    model: str
    as_of: Instant
    horizon_days: int
    customers: int
    result: str
    checks: str
    state: str


def write_predictions(workspace: Workspace, kept: Kept, rows: pa.Table, snapshot_no: int) -> None:
    """rows: as models predict. snapshot_no: of the facts that they were predicted from. The old version holds until then."""
    facts = _facts(kept, rows)
    with lane(workspace, "models", _WAIT) as held:
        finish_open_batch(workspace, held)
        stage(workspace, _STAGING, {"predictions": _without_erased(workspace, facts, snapshot_no)})
        now = workspace.clock()
        with workspace.store.write() as tx:
            batch_no = open_batch(tx, held, "models", now, staging=_STAGING)
            tx.run(
                "models.finish", version=kept.version, now=now, as_of=kept.as_of, customers=kept.customers,
                result=kept.result, checks=kept.checks, model_state=kept.state, batch_no=batch_no,
            )  # fmt: skip
        finish_training(workspace, held, batch_no)


def finish_training(workspace: Workspace, held: Held, batch_no: int) -> None:
    """Bring a batch to its end whose rows are staged: one commit of the lake, then the snapshot. May be repeated."""
    with workspace.store.read() as tx:
        version = tx.row("models.of_batch", batch_no=batch_no)
        assert version is not None
        others = [row["version"] for row in tx.rows("models.others_with_rows", **version)]
    rows = staged(workspace, _STAGING).get("predictions", rows_of(TABLES["predictions"], {}))
    workspace.lake.erase("predictions", "model_version", others, rows, batch_no=batch_no)

    def retire(tx: Transaction) -> None:
        tx.run("models.retire", **version)
        tx.run("models.forget_failed", **version)

    publish(workspace, held, batch_no, {}, retire)


def _facts(kept: Kept, rows: pa.Table) -> pa.Table:
    count, ids = rows.num_rows, rows["customer_id"]
    columns = {name: rows[name] for name in ("target", "rank", "value", "low", "high", "label", "reasons")}
    return rows_of(
        TABLES["predictions"],
        columns
        | {
            "model": pa.repeat(pa.scalar(kept.model, pa.string()), count),
            "identifier_id": ids,
            "bucket": pa.array(_buckets(ids.to_numpy()), pa.int32()),
            "horizon_days": pa.repeat(pa.scalar(kept.horizon_days, pa.int32()), count),
            "predicted_at": pa.repeat(pa.scalar(kept.as_of, pa.int64()), count),
            "model_version": pa.repeat(pa.scalar(kept.version, pa.int64()), count),
        },
    )


def _buckets(ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
    known, place = np.unique(ids, return_inverse=True)
    return np.fromiter((bucket_of(one) for one in known.tolist()), np.int8, len(known))[place]


def _without_erased(workspace: Workspace, facts: pa.Table, snapshot_no: int) -> pa.Table:
    """Nothing is said of people who were erased after the facts were read."""
    with workspace.store.read() as tx:
        if tx.value("models.erasure_since", batch_no=snapshot_no) is None:
            return facts
        ids = np.unique(facts["identifier_id"].to_numpy()).tolist()
        known: list[int] = []
        for at in range(0, len(ids), _SLICE):
            known += [row[0] for row in tx.tuples("lists.by_numbers", numbers=ids[at : at + _SLICE])]
    return facts.filter(pa.array(np.isin(facts["identifier_id"].to_numpy(), known)))
