"""Statements that are compiled once: the same rows as asked afresh, at every moment, over other tables, in their order."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from schwung.app.facts import open_facts
from schwung.app.reading import Prepared
from schwung.app.report import question_of
from schwung.app.wiring import Workspace
from schwung.app.worker import Pace
from schwung.core.clock import to_instant
from schwung.lake import prepared, shelf
from schwung.lake.prepared import STAND_IN
from schwung.measure.scope import Scope
from tests import cast


def _until(tables: Mapping[str, ir.Table], moment: int) -> ir.Table:
    orders = tables["orders"].semi_join(tables["asked"], "order_id")
    return orders.filter(orders["ordered_at"] < moment + 1).select("order_id", late=moment - orders["ordered_at"])


pytestmark = pytest.mark.usefixtures("own_shelf")


def test_prepared_is_what_was_asked(new_workspace: Callable[..., Workspace]) -> None:
    workspace = new_workspace()
    cast.fill(workspace)
    with open_facts(workspace) as facts:
        orders = facts.everything("orders")
        rows = sorted(facts.run(orders.select("order_id", "ordered_at")).to_pylist(), key=lambda row: row["ordered_at"])
        for asked in ([row["order_id"] for row in rows], [rows[0]["order_id"]]):
            given = {"orders": orders, "asked": pa.table({"order_id": asked})}
            for moment in (rows[0]["ordered_at"], rows[-1]["ordered_at"] - 1, rows[-1]["ordered_at"]):
                found = facts.engine.prepared("until", _until, given, moment)
                assert {row["order_id"]: row["late"] for row in found.to_pylist()} == {
                    row["order_id"]: moment - row["ordered_at"]
                    for row in rows
                    if row["order_id"] in asked and row["ordered_at"] <= moment
                }
    assert all(abs(row["ordered_at"] - STAND_IN) > 1 for row in rows)


def test_a_process_that_starts_need_not_compile(
    new_workspace: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second moment proves a statement; from then on every process takes it from the lake, until the code is another or
    a person was erased."""
    workspace = new_workspace()
    built: list[int] = []
    numbers = {"numbers": pa.table({"n": [10, 20, 30]})}

    def until(tables: Mapping[str, ir.Table], moment: int) -> ir.Table:
        built.append(moment)
        return tables["numbers"].filter(ibis._.n < moment)

    def in_a_new_process(moment: int) -> list[int]:
        prepared._known.clear()
        with open_facts(workspace) as facts:
            with facts.engine.keep_prepared("few", "until", until, numbers, moment, moment) as kept:
                held = facts.run(kept)
            assert facts.engine.prepared("until", until, numbers, moment, moment) == held
        return [int(n) for n in held["n"].to_pylist()]

    assert [in_a_new_process(10**15 + extra) for extra in (0, 1)] == [[10, 20, 30], [10, 20, 30]]
    so_far = len(built)
    assert in_a_new_process(10**15 + 7) == [10, 20, 30]
    assert len(built) == so_far
    monkeypatch.setattr(shelf, "_mark", lambda: "other code")
    assert in_a_new_process(10**15 + 7) == [10, 20, 30]
    assert len(built) > so_far
    assert list((workspace.folder / "lake" / shelf.FOLDER).iterdir())
    workspace.lake.purge()
    assert not list((workspace.folder / "lake" / shelf.FOLDER).iterdir())


def test_what_a_moment_decides_otherwise_is_built_for_each(new_workspace: Callable[..., Workspace]) -> None:
    workspace, numbers = new_workspace(), {"numbers": pa.table({"n": [1, 2, 3]})}
    for moment in (10**15, 10**15 + 1, 10**15 + 2):
        prepared._known.clear()
        with open_facts(workspace) as facts:
            found = facts.engine.prepared(
                "odd", lambda tables, at: tables["numbers"].filter(ibis._.n > at % 2), numbers, moment, like=moment
            )
            assert found["n"].to_pylist() == ([2, 3] if moment % 2 else [1, 2, 3])


def test_another_shape_is_another_statement(new_workspace: Callable[..., Workspace]) -> None:
    with open_facts(new_workspace()) as facts:
        numbers = {"numbers": pa.table({"n": [1, 2, 3]})}
        for least in (1, 3):
            found = facts.engine.prepared(
                ("least", least), lambda tables, _, least=least: tables["numbers"].filter(ibis._.n >= least), numbers, 0
            )
            assert found["n"].to_pylist() == list(range(least, 4))


def test_stream_keeps_the_order(new_workspace: Callable[..., Workspace]) -> None:
    with open_facts(new_workspace(), frugal=True) as facts:
        rows = facts.engine.memtable(pa.table({"n": list(range(7_000, 0, -1))}), "numbers")
        batches = list(facts.engine.stream(rows.order_by("n"), 2_048))
        assert [n for batch in batches for n in batch["n"].to_pylist()] == list(range(1, 7_001))
        assert max(batch.num_rows for batch in batches) <= 2_048
        assert list(facts.engine.stream(rows.filter(rows["n"] < 0).order_by("n"), 2_048)) == []


def test_a_server_that_runs_for_weeks_keeps_no_old_statements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, made = shelf.Shelf(tmp_path), shelf.Statement("SELECT 1 AS a", pa.schema({"a": pa.int64()}), (), 0)
    kept.put("old", made)
    assert kept.find("old") == made
    days_later = time.time() + 9 * 86_400
    monkeypatch.setattr(shelf.time, "time", lambda: days_later)
    kept.put("new", made)
    assert kept.find("old") is None and kept.find("new") == made


def test_pace_rests_in_proportion_and_not_for_ever() -> None:
    pace = Pace(idle=0.3, spacing=1.0, rest=2.0, most=10.0)
    assert [pace.pause(True, took) for took in (0.25, 0.5, 3.0, 60.0)] == [0.75, 1.0, 6.0, 10.0]
    assert pace.pause(False, 60.0) == 0.3


def test_a_statement_of_an_earlier_year_does_not_lack_the_changes_of_the_clock(workspace: Workspace) -> None:
    """Asked at two moments of January it holds for every moment of its day; in November it is another."""
    cast.fill(workspace)

    def local(scope: Scope) -> ir.Table:
        orders = scope.table("orders", False)
        return orders.select("order_id", local=scope.local(orders["ordered_at"], ever=True))

    with open_facts(workspace) as now:
        for day in ("2026-01-10T10:00", "2026-01-10T11:00", "2026-11-20T12:00"):
            facts = replace(now, as_of=to_instant(datetime.fromisoformat(day).replace(tzinfo=UTC)))
            question = question_of(facts, (), None, None)
            found = Prepared(facts, question, ("test",)).rows("local", local).to_pylist()
    noon = to_instant(datetime(2026, 5, 1, 12, tzinfo=UTC))
    assert noon in [row["local"] for row in found if row["order_id"] == "C1"], "by the clock on the wall in Berlin"
