"""What the lake holds already of some keys: the truth about what is known."""

import pyarrow as pa

from schwung.app.publish import newest_snapshot
from schwung.app.wiring import Workspace
from schwung.collect.arrow import arrow_schema


def existing(
    workspace: Workspace, name: str, column: str, keys: pa.Table, source: str, low: int, high: int
) -> pa.Table:
    """The latest rows of `source` whose `column` is among `keys` (its first column), all of them between low and high.

    Holds whatever `as of` says. The lane must be held, so that nothing comes in between.
    """
    declared = workspace.lake.tables[name]
    with workspace.store.read() as tx:
        snapshot = newest_snapshot(tx)
    version = None if snapshot is None else snapshot.tables.get(name)
    if version is None or not keys.num_rows:
        return arrow_schema(declared).empty_table()
    engine = workspace.engine("duckdb")
    try:
        rows = engine.table(workspace.lake.files(name, version), declared)
        rows = rows.filter(rows[column].between(low, high))
        asked = engine.memtable(keys.rename_columns([column]), f"asked_{name}")
        rows = rows.filter(rows["source"] == source).semi_join(asked, column)
        return engine.run(rows).cast(arrow_schema(declared))
    finally:
        engine.close()
