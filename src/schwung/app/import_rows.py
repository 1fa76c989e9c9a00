"""Writes a part of products or spend: rows with a key of their own and nobody's."""

from collections.abc import Mapping
from functools import partial

import pyarrow as pa

from schwung.app.import_batch import Part, write_batch
from schwung.app.import_existing import existing
from schwung.app.import_runs import Counts
from schwung.collect.arrow import arrow_schema
from schwung.connectors.import_stage import Stage

SQL = "import_rows"


def write_products(part: Part) -> Counts:
    stage = prepare(part, "products", "product_key")
    stage.run(SQL, "last_rows", key="product_key")
    counts = Counts(*stage.row(SQL, "counts", key="product_key"))
    return _write(part, "products", counts)


def write_spend(part: Part) -> Counts:
    stage = prepare(part, "spend", "spend_key")
    stage.run(SQL, "sum_spend")
    stage.run(SQL, "fresh_spend")
    counts = Counts(*stage.row(SQL, "counts_spend"))
    return _write(part, "spend", counts)


def prepare(part: Part, table: str, key: str) -> Stage:
    part.take()
    keys = part.stage.table("import_orders", "keys")
    rows = existing(part.workspace, table, key, keys, part.run.mapping.source, part.low, part.high)
    part.stage.connection.register("existing_rows", rows)
    return part.stage


def _write(part: Part, table: str, counts: Counts) -> Counts:
    write_batch(part, counts, partial(_build, part, table) if counts.imported or counts.updated else None)
    return counts


def _build(part: Part, table: str, batch_no: int) -> Mapping[str, pa.Table]:
    rows = part.stage.table(SQL, table, {"source": part.run.mapping.source, "batch_no": batch_no})
    return {table: rows.cast(arrow_schema(part.workspace.lake.tables[table]))}
