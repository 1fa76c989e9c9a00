"""Who entered and left segments as facts of the lake: behind the store, so that no journey waits for the lane."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from schwung.app.lane import lane
from schwung.app.own_event import SOURCE
from schwung.app.ports import Row, Transaction
from schwung.app.publish import finish_open_batch, open_batch, publish, stage
from schwung.app.wiring import TABLES, Workspace
from schwung.collect.arrow import rows_of
from schwung.core.clock import Instant
from schwung.core.stable_hash import bucket_of

MOST = 200_000
_STAGING = "segments"


def tell(workspace: Workspace, *, wait: float = 30.0) -> bool:
    """Write the changes that the lake does not know yet, as one batch. True when there were some.

    SetupError `lease_held` where others write for longer than `wait` seconds.
    """
    told = False
    while _is_untold(workspace):
        with lane(workspace, "segments", wait=wait) as held:
            finish_open_batch(workspace, held)
            with workspace.store.write() as tx:
                after = tx.value("store.counter", name="segments_told") or 0
                rows = tx.rows("segments.untold", after=after, most=MOST)
                upto = rows[-1]["change_no"] if len(rows) == MOST else tx.value("journeys.last_change")
                tx.run("journeys.move_cursor", name="segments_told", after=after, upto=upto)
                if not rows:  # rules that journeys ask: the store knows who is in, and that is all
                    continue
                batch_no = open_batch(tx, held, "manual", workspace.clock(), staging=_STAGING)
                tables = {
                    "memberships": _stays(rows, batch_no),
                    "events": _events(tx, rows, workspace.clock(), batch_no),
                }
                stage(workspace, _STAGING, tables)
            publish(workspace, held, batch_no, tables)
            told = True
    return told


def _is_untold(workspace: Workspace) -> bool:
    with workspace.store.read() as tx:
        return bool(tx.value("journeys.last_change") > (tx.value("store.counter", name="segments_told") or 0))


def _stays(rows: Sequence[Row], batch_no: int) -> pa.Table:
    """The latest of each customer and segment. Whoever took a segment away wrote the ends of its stays."""
    latest = {(row["list_no"], row["customer_id"]): row for row in rows if not (row["entered"] and row["is_gone"])}
    kept = list(latest.values())
    columns: dict[str, Any] = {
        "segment_id": [row["list_no"] for row in kept],
        "kind": ["segment"] * len(kept),
        "identifier_id": [row["customer_id"] for row in kept],
        "bucket": [bucket_of(row["customer_id"]) for row in kept],
        "joined_at": [row["changed_at"] if row["joined_at"] is None else row["joined_at"] for row in kept],
        "left_at": [None if row["entered"] else row["changed_at"] for row in kept],
        "version": np.full(len(kept), batch_no, np.int64),
    }
    return rows_of(TABLES["memberships"], columns)


def _events(tx: Transaction, rows: Sequence[Row], received_at: Instant, batch_no: int) -> pa.Table:
    last = int(tx.value("store.draw", name="event", count=len(rows)))
    about: dict[tuple[int, str], str] = {}
    for row in rows:
        key = (row["list_no"], row["name"])
        if key not in about:
            about[key] = _json({"segment": row["name"], "segment_no": row["list_no"]})
    people = [row["customer_id"] for row in rows]
    return rows_of(
        TABLES["events"],
        {
            "event_no": np.arange(last - len(rows) + 1, last + 1),
            "name": ["segment_entered" if row["entered"] else "segment_left" for row in rows],
            "happened_at": [row["changed_at"] for row in rows],
            "received_at": np.full(len(rows), received_at),
            "source": [SOURCE] * len(rows),
            "identifier_id": people,
            "bucket": [bucket_of(who) for who in people],
            "properties": [about[row["list_no"], row["name"]] for row in rows],
            "batch_no": np.full(len(rows), batch_no),
        },
    )


def _json(about: Mapping[str, object]) -> str:
    return json.dumps(about, ensure_ascii=False)
