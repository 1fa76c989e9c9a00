"""Customers, spend, returns and clocks in files: what stands there is what the facts say."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from schwung.app.facts import open_facts
from schwung.app.imports import open_run
from schwung.app.wiring import Workspace
from schwung.collect.mapping import FileMapping, Join
from schwung.connectors.import_stage import Stage
from schwung.core.stable_hash import bucket_of, key_of
from tests.conftest import NewWorkspace
from tests.importing import HEAD, by, counts, facts, guessed, lines_of, run, write_csv


def _micros(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[misc, arg-type]


def test_a_row_without_a_valid_identifier_is_rejected_with_its_reason(workspace: Workspace, tmp_path: Path) -> None:
    good = [(f"person{number}@kaffee.de", f"Person {number}") for number in range(20)]
    path = write_csv(tmp_path / "people.csv", [*good, ("no address", "Ben"), ("", "Cem"), ("test@test.de", "Dora")], ("email", "name"))  # fmt: skip
    assert run(workspace, path, "customers") == counts(imported=20, rejected=3)
    rejects = next((workspace.files_folder / "rejects").glob("*.csv")).read_text(encoding="utf-8").splitlines()
    assert rejects[1] == '22,email,no address,Not a valid identifier,Keine gültige Kennung,"no address,Ben"'
    assert [line.split(",")[0] for line in rejects[1:]] == ["22", "23", "24"]
    assert run(workspace, path, "customers") == counts(known=20, rejected=3)


def test_customers_without_a_date_are_not_hidden_by_the_last_fact(new_workspace: NewWorkspace, tmp_path: Path) -> None:
    workspace = new_workspace(as_of="last_fact")
    run(
        workspace,
        write_csv(tmp_path / "people.csv", [("K1", "Anna"), ("K2", "Ben")], ("customer", "name")),
        "customers",
    )
    run(workspace, write_csv(tmp_path / "a.csv", [("1", "2010-12-09 10:00", "K1", "A", 1, "1.00")], HEAD))
    with open_facts(workspace) as found:
        assert found.as_of == _micros(2010, 12, 9, 9)
        assert found.run(found.table("profiles")).num_rows == 2


def test_older_history_moves_back_when_somebody_was_first_seen(workspace: Workspace, tmp_path: Path) -> None:
    run(workspace, write_csv(tmp_path / "b.csv", [("2", "2026-01-05 10:00", "K1", "A", 1, "1.00")]))
    run(workspace, write_csv(tmp_path / "a.csv", [("1", "2024-01-05 10:00", "K1", "A", 1, "1.00")]))
    assert facts(workspace, "profiles")["first_seen_at"].to_pylist() == [_micros(2024, 1, 5, 9)]
    run(workspace, write_csv(tmp_path / "c.csv", [("3", "2025-01-05 10:00", "K1", "A", 1, "1.00")]))
    assert facts(workspace, "profiles")["first_seen_at"].to_pylist() == [_micros(2024, 1, 5, 9)]


def test_spend_adds_up_by_day_channel_and_campaign(workspace: Workspace, tmp_path: Path) -> None:
    head = ("date", "channel", "campaign", "spend", "hours")
    rows = [
        ("2026-01-01", "search", "brand", "10.50", "1"),
        ("2026-01-01", "search", "brand", "4.50", "0.5"),
        ("2026-01-02", "mail", "", "3", ""),
    ]
    path = write_csv(tmp_path / "spend.csv", rows, head)
    assert run(workspace, path, "spend") == counts(imported=3)
    assert run(workspace, path, "spend") == counts(known=3)
    assert by(facts(workspace, "spend"), "channel", "amount_minor") == {"search": 1500, "mail": 300}
    changed = write_csv(tmp_path / "more.csv", [rows[0], rows[1], ("2026-01-02", "mail", "", "5", "")], head)
    assert run(workspace, changed, "spend") == counts(known=2, updated=1)
    assert by(facts(workspace, "spend"), "channel", "amount_minor") == {"search": 1500, "mail": 500}
    bad = write_csv(tmp_path / "bad.csv", [("2026-02-30", "mail", "", "5", ""), ("2026-02-03", "", "", "5", "")], head)
    assert run(workspace, bad, "spend") == counts(rejected=2)


def test_returns_by_a_column_name_their_order(workspace: Workspace, tmp_path: Path) -> None:
    head = (*HEAD, "return", "original order", "return reason")
    rows = [
        ("1", "2026-01-01 10:00", "K1", "A", 3, "2.00", "no", "", ""),
        ("R1", "2026-01-09 10:00", "K1", "A", -1, "2.00", "yes", "1", "too bitter"),
    ]
    path = write_csv(tmp_path / "a.csv", rows, head)
    assert run(workspace, path) == counts(imported=2)
    [back] = facts(workspace, "returns").to_pylist()
    assert (back["order_key"], back["return_id"], back["amount_minor"], back["reason"]) == (
        key_of("import", "1"),
        "R1",
        200,
        "too bitter",
    )
    assert facts(workspace, "orders")["order_id"].to_pylist() == ["1"]
    assert run(workspace, path) == counts(known=2)


def test_equal_lines_of_one_order_in_two_files(workspace: Workspace, tmp_path: Path) -> None:
    """A second file holds what the first held or more: its n-th equal line is the n-th of the order."""
    line = ("1", "2026-01-01", "K1", "A", 1, "1.00")
    assert run(workspace, write_csv(tmp_path / "a.csv", [line])) == counts(imported=1)
    assert run(workspace, write_csv(tmp_path / "b.csv", [line])) == counts(known=1)
    assert run(workspace, write_csv(tmp_path / "c.csv", [line, line])) == counts(imported=1, known=1)
    assert run(workspace, write_csv(tmp_path / "d.csv", [line, line])) == counts(known=2)
    assert lines_of(workspace) == [("1", "A", 1.0, 100)] * 2


def test_the_hour_that_autumn_repeats_and_the_one_that_spring_leaves_out(workspace: Workspace, tmp_path: Path) -> None:
    rows = [
        (name, moment, "K1", "A", 1, "1.00") for name, moment in (("a", "2025-10-26 02:30"), ("b", "2025-03-30 02:30"))
    ]
    assert run(workspace, write_csv(tmp_path / "a.csv", rows), zone="Europe/Berlin") == counts(imported=2)
    found = by(facts(workspace, "orders"), "order_id", "ordered_at")
    assert found == {"a": _micros(2025, 10, 26, 1, 30), "b": _micros(2025, 3, 30, 1, 30)}


def test_a_stopped_run_goes_on_only_with_the_same_joined_files(workspace: Workspace, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [("1", "2026-01-01", "K1", "A", 1, "1.00")])
    other = write_csv(tmp_path / "names.csv", [("A", "Arabica")], ("product", "title"))
    mapping = guessed(workspace, path, "order_lines", join=(Join("names.csv", "product"),))
    first = open_run(workspace, path, mapping)
    assert open_run(workspace, path, mapping) == first
    other.write_text("product,title\nA,Robusta\n", encoding="utf-8")
    assert open_run(workspace, path, mapping) != first


@pytest.mark.parametrize("macro", ["bucket_of", "key_of"])
def test_the_import_computes_the_stable_hashes(tmp_path: Path, macro: str) -> None:
    stage = Stage(tmp_path, FileMapping("orders", "shop", "UTC", "EUR"))
    values = [*range(1, 500), 2**31, 2**60] if macro == "bucket_of" else ["", "a", "ä\x1f1", "x" * 300]
    try:
        for value in values:
            expected = bucket_of(value) if macro == "bucket_of" else key_of(value)  # type: ignore[arg-type]
            assert stage.connection.execute(f"SELECT {macro}(?)", [value]).fetchone() == (expected,)
    finally:
        stage.close()
