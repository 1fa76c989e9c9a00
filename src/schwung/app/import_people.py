"""The people of a part's rows as claims for unify: normalized, strongest first."""

import pyarrow as pa
import pyarrow.compute as pc

from schwung.collect.import_kind import PERSON_NAMES
from schwung.unify.identifier import KINDS, normalize

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
