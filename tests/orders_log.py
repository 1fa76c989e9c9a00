"""A log of orders straight into the lake of a workspace: many customers in one batch."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from schwung.app.lane import lane
from schwung.app.publish import open_batch, publish
from schwung.app.wiring import Workspace
from schwung.collect.arrow import rows_of
from schwung.core.clock import to_instant
from schwung.core.stable_hash import bucket_of

FIRST = datetime(2026, 1, 3, tzinfo=UTC)


def fill(workspace: Workspace, who: np.ndarray, day: np.ndarray, amount: np.ndarray, **columns: Sequence[str]) -> None:
    """who: customers from 1 on; day: since FIRST, at eleven; amount: cents. columns: more of each order (channel, country)."""
    tables, count = workspace.lake.tables, len(who)
    at = [to_instant(FIRST + timedelta(days=int(one), hours=11)) for one in day]
    with lane(workspace, "test") as held:
        with workspace.store.write() as tx:
            batch_no = open_batch(tx, held, "import", workspace.clock())
        keys = np.arange(count)
        orders = {
            "order_key": keys, "source": ["shop"] * count, "order_id": [str(one) for one in keys], "identifier_id": who,
            "bucket": [bucket_of(one) for one in who.tolist()], "ordered_at": np.array(at), "currency": ["EUR"] * count,
            "amount_minor": amount, "is_net": [False] * count, "is_cancelled": [False] * count, "content_hash": keys,
            "version": [batch_no] * count, **columns,
        }  # fmt: skip
        ids = np.unique(who)
        identities = {"identifier_id": ids, "customer_id": ids, "version": [batch_no] * len(ids)}
        rows = {"orders": rows_of(tables["orders"], orders), "identities": rows_of(tables["identities"], identities)}
        publish(workspace, held, batch_no, rows)
