"""Writes a part of orders or order lines: finds what is new or changed, whose it is, and what the lake gets."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pyarrow as pa

from schwung.app.import_batch import Part, write_batch
from schwung.app.import_existing import existing
from schwung.app.import_people import claims_of, move_first_seen
from schwung.app.import_runs import Counts
from schwung.app.import_waiting import park
from schwung.app.resolve import resolve
from schwung.collect.arrow import arrow_schema
from schwung.connectors.import_stage import Stage, statements

SQL = "import_orders"


def write_orders(part: Part) -> Counts:
    """After `prepare`."""
    stage, mapping = part.stage, part.run.mapping
    has_lines = mapping.kind == "order_lines"
    counts = count_orders(stage, has_lines)
    waiting = stage.table(SQL, "waiting")
    if waiting.num_rows:
        fresh = park(part, waiting)
        counts = Counts(
            counts.imported - waiting.num_rows + fresh, counts.known + waiting.num_rows - fresh, counts.updated, fresh
        )
    has_changes = stage.row(SQL, "changes")[0] > 0
    write_batch(part, counts, partial(_build, part) if has_changes else None)
    return counts


def prepare(part: Part, bounds: tuple[int, int]) -> None:
    """Everything that can be known without a batch: the tables matched, withdrawn, changed_key, head, document.

    bounds: first and last line of the file, where an order may be cut.
    """
    stage, mapping = part.stage, part.run.mapping
    has_lines = mapping.kind == "order_lines"
    part.take()
    stage.run(SQL, "complete")
    keys = stage.table(SQL, "keys")
    for name, column in (("orders", "order_key"), ("order_lines", "order_key"), ("returns", "return_key")):
        rows = existing(part.workspace, name, column, keys, mapping.source, part.low, part.high)
        stage.connection.register(
            {"orders": "existing_orders", "order_lines": "existing_lines", "returns": "existing_returns"}[name], rows
        )
    if has_lines:
        is_numbered = any(rule.field == "line_no" for rule in mapping.columns.values())
        numbered = statements(SQL)["last_of_number"] if is_numbered else ""
        stage.run(SQL, "number_doubles", numbered=numbered)
        stage.run(SQL, "take_lines", numbered=numbered, shape="TABLE" if is_numbered else "VIEW")
    else:
        stage.run(SQL, "no_lines")
    stage.run(SQL, "take_old")
    for name in ("match_known", "match_numbered", "match_products"):
        stage.run(SQL, name)
    first, last = bounds
    stage.run(SQL, "find_whole", {"first": first, "last": last, "whole": mapping.orders if has_lines else "parts"})
    stage.run(SQL, "find_changed")
    stage.run(SQL, "show_changed")
    stage.run(SQL, "heads_of_lines" if has_lines else "heads_of_orders")
    stage.run(SQL, "number_heads")


def count_orders(stage: Stage, has_lines: bool) -> Counts:
    imported, known, updated = stage.row(SQL, "counts" if has_lines else "counts_orders")
    if has_lines:
        also_known, also_updated = stage.row(SQL, "superseded")
        known, updated = known + also_known, updated + also_updated
    return Counts(imported, known, updated)


def _build(part: Part, batch_no: int) -> Mapping[str, pa.Table]:
    stage, mapping, workspace = part.stage, part.run.mapping, part.workspace
    people = stage.table(SQL, "people")
    claims = claims_of(people, mapping.source, mapping.country, "ordered_at")
    found = resolve(workspace, batch_no, claims, event_count=people.num_rows)
    move_first_seen(workspace, batch_no, found.identifier_of[people["place"].to_numpy()], people["ordered_at"])
    who = {
        "place": pa.array(np.arange(people.num_rows)),
        "identifier_id": pa.array(found.identifier_of),
        "is_erased": pa.array(found.is_erased),
    }
    stage.connection.register("who", pa.table(who))
    stage.run(SQL, "free_keys", {"batch_no": batch_no})
    for name in ("settle", "all_lines", "totals", "olds", "added"):
        stage.run(SQL, name)
    common = {"source": mapping.source, "batch_no": batch_no}
    tables = {
        "orders": stage.table(
            SQL, "orders", {**common, "is_net": mapping.is_net, "has_lines": mapping.kind == "order_lines"}
        )
    }
    stage.connection.register("order_row", tables["orders"])
    tables["order_lines"] = stage.table(SQL, "lines", common)
    tables["returns"] = stage.table(SQL, "returns", common)
    tables["events"] = stage.table(
        SQL, "events", {**common, "is_net": mapping.is_net, "now": workspace.clock(), "first_no": 0}
    )  # fmt: skip
    if mapping.fields & {"shipped_at", "delivered_at"}:
        sent = stage.table(SQL, "deliveries", {**common, "now": workspace.clock()})
        tables["events"] = pa.concat_tables([tables["events"], sent.cast(tables["events"].schema)])
    return {name: rows.cast(arrow_schema(workspace.lake.tables[name])) for name, rows in tables.items()}
