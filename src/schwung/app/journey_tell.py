"""What became of customers in journeys as events of the lake: entered, reached the goal, left, walked to the end."""

import json
from collections.abc import Mapping, Sequence

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
ENTERED = 1
ENDED: Mapping[str, str] = {
    "done": "journey_completed",
    "goal": "journey_goal_reached",
    "exited": "journey_exited",
    "stopped": "journey_stopped",
}
_STAGING = "journeys"


def tell(workspace: Workspace) -> bool:
    """Write what is not told yet, as one batch. True when there was something. SetupError `lease_held` while others write."""
    with workspace.store.read() as tx:
        if not tx.value("journeys.is_untold"):
            return False
    with lane(workspace, "journeys", wait=1.0) as held:
        finish_open_batch(workspace, held)
        with workspace.store.write() as tx:
            rows = tx.rows("journeys.untold", most=MOST)
            if not rows:
                return False
            batch_no = open_batch(tx, held, "manual", workspace.clock(), staging=_STAGING)
            tables = {"events": _events(tx, rows, workspace.clock(), batch_no)}
            tx.run("journeys.tell", picked=[row["enrollment_no"] for row in rows])
            stage(workspace, _STAGING, tables)
        publish(workspace, held, batch_no, tables)
    return True


def _events(tx: Transaction, rows: Sequence[Row], now: Instant, batch_no: int) -> pa.Table:
    names = {row["journey_no"]: row["name"] for row in tx.rows("journeys.names")}
    found: list[tuple[str, Instant, int, str]] = []
    for row in rows:
        about = {"journey": names.get(row["journey_no"], ""), "journey_no": row["journey_no"], "arm": row["arm"]}
        if row["untold"] & ENTERED:
            found.append(("journey_entered", row["entered_at"], row["customer_id"], _json(about)))
        if row["untold"] > ENTERED:
            ended = about | {"reason": row["reason"]}
            found.append((ENDED[row["state"]], row["ended_at"], row["customer_id"], _json(ended)))
    last = int(tx.value("store.draw", name="event", count=len(found)))
    names_of, moments, people, told = zip(*found, strict=True)
    return rows_of(
        TABLES["events"],
        {
            "event_no": np.arange(last - len(found) + 1, last + 1),
            "name": list(names_of),
            "happened_at": list(moments),
            "received_at": np.full(len(found), now),
            "source": [SOURCE] * len(found),
            "identifier_id": list(people),
            "bucket": [bucket_of(who) for who in people],
            "properties": list(told),
            "batch_no": np.full(len(found), batch_no),
        },
    )


def _json(about: Mapping[str, object]) -> str:
    return json.dumps(about, ensure_ascii=False)
