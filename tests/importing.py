"""What import tests share: files from rows, an import with its result, the facts as tables."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from schwung.app.import_looks import inspect
from schwung.app.imports import import_file
from schwung.app.publish import newest_snapshot
from schwung.app.wiring import Workspace
from schwung.collect.arrow import arrow_schema
from schwung.collect.mapping import FileMapping

SHARED = Path(__file__).parents[2] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the data folder ../shared/data is not here")
HEAD = ("order", "date", "customer", "product", "quantity", "price")
Line = Sequence[Any]


def write_csv(path: Path, rows: Sequence[Line], head: Sequence[str] = HEAD) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def guessed(workspace: Workspace, path: Path, kind: str, **rules: Any) -> FileMapping:
    return replace(inspect(workspace, path, kind).proposal.mapping, **rules)


def run(workspace: Workspace, path: Path, kind: str = "order_lines", **rules: Any) -> dict[str, int]:
    """Import by the guessed mapping; the four counts that add up to the fifth."""
    result = import_file(workspace, path, guessed(workspace, path, kind, **rules))
    assert result["read"] == sum(result[name] for name in ("imported", "known_already", "updated", "rejected"))
    return {name: result[name] for name in ("imported", "known_already", "updated", "rejected")}


def counts(imported: int = 0, known: int = 0, updated: int = 0, rejected: int = 0) -> dict[str, int]:
    return {"imported": imported, "known_already": known, "updated": updated, "rejected": rejected}


def facts(workspace: Workspace, name: str) -> pa.Table:
    """All rows of a table at the newest snapshot, whatever `as of` says."""
    with workspace.store.read() as tx:
        snapshot = newest_snapshot(tx)
    declared = workspace.lake.tables[name]
    if snapshot is None or name not in snapshot.tables:
        return arrow_schema(declared).empty_table()
    engine = workspace.engine("duckdb")
    try:
        return engine.run(engine.table(workspace.lake.files(name, snapshot.tables[name]), declared))
    finally:
        engine.close()


def by(table: pa.Table, key: str, *columns: str) -> Mapping[Any, Any]:
    """key → value, or tuple of values, of each row; keys must be single."""
    rows = table.to_pylist()
    found = {row[key]: row[columns[0]] if len(columns) == 1 else tuple(row[name] for name in columns) for row in rows}
    assert len(found) == len(rows)
    return found


def lines_of(workspace: Workspace) -> list[tuple[str, str, float, int]]:
    """(order number, product, quantity, amount) of every line that counts, sorted."""
    orders = by(facts(workspace, "orders"), "order_key", "order_id")
    rows = facts(workspace, "order_lines").to_pylist()
    return sorted(
        (orders[row["order_key"]], row["product_id"], float(row["quantity"]), row["amount_minor"])
        for row in rows
        if row["content_hash"] is not None
    )


def amounts(workspace: Workspace) -> dict[str, int]:
    """order number → amount."""
    return dict(by(facts(workspace, "orders"), "order_id", "amount_minor"))


def customers(workspace: Workspace) -> dict[str, int | None]:
    """order number → customer."""
    owner = by(facts(workspace, "identities"), "identifier_id", "customer_id")
    return {row["order_id"]: owner.get(row["identifier_id"]) for row in facts(workspace, "orders").to_pylist()}
