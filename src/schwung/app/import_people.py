"""The people of a part's rows as claims for unify: normalized, strongest first."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schwung.app.wiring import Workspace
from schwung.collect.import_kind import PERSON_NAMES
from schwung.unify.identifier import KINDS, normalize

_SLICE = 20_000
_SCHEMA = pa.schema(
    [
        ("event_index", pa.int64()),
        ("place", pa.int8()),
        ("kind", pa.string()),
        ("value", pa.string()),
        ("source", pa.string()),
        ("happened_at", pa.int64()),
    ]
)


def claims_of(people: pa.Table, source: str, country: str, time: str) -> pa.Table:
    """people: `place` (the row's number), one column per kind of identifier, `time` (when the person was met)."""
    found = []
    for strength, kind in enumerate(name for name in KINDS if name in PERSON_NAMES):
        column = people[kind].combine_chunks()
        if column.null_count == len(column):
            continue
        coded = column.dictionary_encode()
        values = pa.array([normalize(kind, raw, country) for raw in coded.dictionary.to_pylist()], pa.string())
        value = values.take(coded.indices)
        mask = pc.is_valid(value)
        count = pc.sum(mask).as_py() or 0
        found.append(
            pa.table(
                [
                    people["place"].filter(mask).cast(pa.int64()),
                    pa.array([strength] * count, pa.int8()),
                    pa.array([kind] * count, pa.string()),
                    value.filter(mask),
                    pa.array([source] * count, pa.string()),
                    people[time].filter(mask).cast(pa.int64()),
                ],
                schema=_SCHEMA,
            )
        )
    return pa.concat_tables(found) if found else _SCHEMA.empty_table()


def move_first_seen(
    workspace: Workspace, batch_no: int, identifier_of: npt.NDArray[np.int64], times: pa.ChunkedArray
) -> None:
    """Older history that comes later moves back when its people were first seen.

    identifier_of: per row, 0 for nobody; times: of the same rows. The customers are published with the batch.
    """
    met = pa.table({"identifier_id": identifier_of, "met_at": times}).filter(pc.field("identifier_id") > 0)
    earliest = met.group_by("identifier_id").aggregate([("met_at", "min")])
    ids, moments = earliest["identifier_id"].to_pylist(), earliest["met_at_min"].to_pylist()
    with workspace.store.write() as tx:
        published = {row["customer_id"] for row in tx.rows("identity.touched_by", batch_no=batch_no)}
        touched: set[int] = set()
        for at in range(0, len(ids), _SLICE):
            first_of = dict(zip(ids[at : at + _SLICE], moments[at : at + _SLICE], strict=True))
            rows = tx.rows("identity.seen_first", identifier_ids=list(first_of))
            later = [row for row in rows if row["first_seen_at"] > first_of[row["identifier_id"]]]
            tx.run_many(
                "identity.seen_earlier",
                [
                    {"identifier_id": row["identifier_id"], "first_seen_at": first_of[row["identifier_id"]]}
                    for row in later
                ],
            )
            touched.update(row["customer_id"] for row in later)
        tx.load(
            "touched", ("batch_no", "customer_id"), [(batch_no, customer) for customer in sorted(touched - published)]
        )
