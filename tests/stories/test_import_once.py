"""Once only: repeats, overlaps, cuts and changes of order lines give the right facts and the right counts."""

import random
from pathlib import Path

import pytest

from schwung.app.wiring import Workspace
from tests import cast
from tests.importing import amounts, by, counts, customers, facts, lines_of, run, write_csv

ORDERS = [
    ("1", "2026-01-01 10:00", "K1", "A", 2, "1.50"),
    ("1", "2026-01-01 10:00", "K1", "B", 1, "10.00"),
    ("1", "2026-01-01 10:00", "K1", "A", 2, "1.50"),
    ("2", "2026-01-02 10:00", "K2", "A", 1, "1.50"),
    ("2", "2026-01-02 10:00", "K2", "C", 3, "0.001"),
    ("3", "2026-01-03 10:00", "", "B", 1, "10.00"),
]


def take_orders(workspace: Workspace, folder: Path) -> None:
    cast.once(workspace, "orders", lambda one: run(one, write_csv(folder / "a.csv", ORDERS)))


def test_the_same_file_twice_adds_nothing(each_workspace: Workspace, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", ORDERS)
    assert run(each_workspace, path) == counts(imported=6)
    before = lines_of(each_workspace)
    assert run(each_workspace, path) == counts(known=6)
    assert lines_of(each_workspace) == before
    assert len([line for line in before if line[:2] == ("1", "A")]) == 2, "equal lines of one order are two lines"
    assert amounts(each_workspace) == {"1": 1600, "2": 150, "3": 1000}
    assert len({customers(each_workspace)[order] for order in "12"}) == 2
    assert customers(each_workspace)["3"] is None


def test_overlapping_files_add_only_what_is_new(workspace: Workspace, tmp_path: Path) -> None:
    rows = [
        (str(order), "2026-01-01", f"K{order % 7}", f"P{line}", line + 1, "2.00")
        for order in range(50)
        for line in range(4)
    ]
    assert run(workspace, write_csv(tmp_path / "a.csv", rows[:120])) == counts(imported=120)
    assert run(workspace, write_csv(tmp_path / "b.csv", rows[80:])) == counts(imported=80, known=40)
    whole = sorted((order, product, float(quantity), quantity * 200) for order, _, _, product, quantity, _ in rows)
    assert lines_of(workspace) == whole


def test_an_order_that_a_file_cuts_is_whole_in_the_end(workspace: Workspace, tmp_path: Path) -> None:
    """Each next file begins two lines before the one before it ended: after 1, 2, 3 lines of an order, and between two."""
    rows = [(str(line // 4), "2026-01-01", "K1", f"P{line}", 1, "2.00") for line in range(16)]
    for nth, (first, last) in enumerate(((0, 1), (0, 6), (4, 11), (9, 12), (10, 16))):
        run(workspace, write_csv(tmp_path / f"{nth}.csv", rows[first:last]))
        assert len(lines_of(workspace)) == last
    assert amounts(workspace) == dict.fromkeys("0123", 800)


def test_lines_of_one_order_may_lie_anywhere(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schwung.app.import_read.ROWS", 50)
    monkeypatch.setattr("schwung.connectors.csv.BLOCK", 2_000)
    monkeypatch.setattr("schwung.app.import_runs.parts_of.__defaults__", (60,))
    rows = [
        (str(order), "2026-01-01", f"K{order}", f"P{line % 3}", 1, "2.00") for order in range(20) for line in range(10)
    ]
    random.Random(1).shuffle(rows)
    path = write_csv(tmp_path / "a.csv", rows)
    assert run(workspace, path) == counts(imported=200)
    assert amounts(workspace) == {str(order): 2000 for order in range(20)}
    assert facts(workspace, "events").num_rows == 20
    assert run(workspace, path) == counts(known=200)


def test_a_changed_line_replaces_the_earlier(workspace: Workspace, tmp_path: Path) -> None:
    take_orders(workspace, tmp_path)
    changed = [*ORDERS[:1], ("1", "2026-01-01 10:00", "K1", "B", 5, "10.00"), *ORDERS[2:]]
    path = write_csv(tmp_path / "b.csv", changed)
    assert run(workspace, path) == counts(known=5, updated=1)
    assert amounts(workspace) == {"1": 5600, "2": 150, "3": 1000}
    assert len(lines_of(workspace)) == 6
    assert run(workspace, path) == counts(known=6)
    assert run(workspace, write_csv(tmp_path / "c.csv", ORDERS)) == counts(known=5, updated=1)
    assert amounts(workspace) == {"1": 1600, "2": 150, "3": 1000}
    names = facts(workspace, "events")["name"].to_pylist()
    assert (names.count("order_completed"), names.count("order_updated")) == (3, 2)


def test_the_only_line_of_the_first_order_may_change(workspace: Workspace, tmp_path: Path) -> None:
    run(workspace, write_csv(tmp_path / "a.csv", [("1", "2026-01-01", "K1", "A", 2, "1.50")]))
    assert run(workspace, write_csv(tmp_path / "b.csv", [("1", "2026-01-01", "K1", "A", 3, "1.50")])) == counts(
        updated=1
    )
    assert amounts(workspace) == {"1": 450}


def test_a_swapped_article_replaces_the_earlier(workspace: Workspace, tmp_path: Path) -> None:
    rows = [("0", "2026-01-01", "K0", "Z", 1, "1.00"), *ORDERS]
    run(workspace, write_csv(tmp_path / "a.csv", rows))
    rows[2] = ("1", "2026-01-01 10:00", "K1", "NEW", 1, "7.00")
    assert run(workspace, write_csv(tmp_path / "b.csv", rows)) == counts(imported=1, known=6)
    assert amounts(workspace)["1"] == 1300
    assert [line[1] for line in lines_of(workspace) if line[0] == "1"] == ["A", "A", "NEW"]


def test_a_part_of_the_lines_takes_nothing_away(workspace: Workspace, tmp_path: Path) -> None:
    rows = [(str(order), "2026-01-01", f"K{order}", f"P{line}", 1, "2.00") for order in range(9) for line in range(7)]
    run(workspace, write_csv(tmp_path / "odd.csv", rows[1::2]))
    assert run(workspace, write_csv(tmp_path / "even.csv", rows[::2])) == counts(imported=32)
    assert len(lines_of(workspace)) == 63
    assert set(amounts(workspace).values()) == {1400}


def test_whole_orders_lose_what_is_gone_where_the_mapping_says_so(workspace: Workspace, tmp_path: Path) -> None:
    take_orders(workspace, tmp_path)
    assert run(workspace, write_csv(tmp_path / "b.csv", ORDERS[1:]), orders="whole") == counts(known=5)
    assert amounts(workspace)["1"] == 1300
    assert len(lines_of(workspace)) == 5


def test_line_numbers_name_the_line(workspace: Workspace, tmp_path: Path) -> None:
    head = ("order", "line", "date", "customer", "product", "quantity", "price")
    rows = [("1", 1, "2026-01-01", "K1", "A", 1, "2.00"), ("1", 2, "2026-01-01", "K1", "A", 1, "2.00")]
    assert run(workspace, write_csv(tmp_path / "a.csv", rows, head)) == counts(imported=2)
    rows[1] = ("1", 2, "2026-01-01", "K1", "B", 4, "3.00")
    assert run(workspace, write_csv(tmp_path / "b.csv", rows, head)) == counts(known=1, updated=1)
    assert lines_of(workspace) == [("1", "A", 1.0, 200), ("1", "B", 4.0, 1200)]
    assert by(facts(workspace, "order_lines"), "line_no", "amount_minor") == {1: 200, 2: 1200}
    both = [*rows, ("1", 2, "2026-01-01", "K1", "B", 5, "3.00")]
    assert run(workspace, write_csv(tmp_path / "c.csv", both, head)) == counts(known=1, updated=2)
    assert amounts(workspace) == {"1": 1700}


def test_a_customer_that_is_named_later_gets_the_order(workspace: Workspace, tmp_path: Path) -> None:
    take_orders(workspace, tmp_path)
    named = [*ORDERS[:5], ("3", "2026-01-03 10:00", "K9", "B", 1, "10.00")]
    assert run(workspace, write_csv(tmp_path / "b.csv", named)) == counts(known=5, updated=1)
    assert customers(workspace)["3"] is not None
    lines = [
        row
        for row in facts(workspace, "order_lines").to_pylist()
        if row["product_id"] == "B" and row["amount_minor"] == 1000
    ]
    assert all(row["identifier_id"] for row in lines)


def test_the_order_s_event_carries_its_lines(workspace: Workspace, tmp_path: Path) -> None:
    import json

    take_orders(workspace, tmp_path)
    events = {row["order_id"]: row for row in facts(workspace, "events").to_pylist()}
    assert {row["name"] for row in events.values()} == {"order_completed"}
    told = json.loads(events["1"]["properties"])
    assert [item["product_id"] for item in told["products"]] == ["A", "B", "A"]
    assert (told["subtotal"], told["currency"], events["1"]["amount_minor"]) == (16.0, "EUR", 1600)
    assert sorted(row["event_no"] for row in events.values()) == [1, 2, 3]


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("2026-01-01", ("9999-12-31", "0001-01-01", "-5000-01-01", "1900-01-01", "2026-02-30")),
        ("01.01.2026", ("31.12.9999", "01.01.0001", "01.01.1900", "30.02.2026")),
        ("1767225600", ("-1", "99999999999999", "9" * 19, "9" * 30)),
    ],
)
def test_times_that_no_clock_shows_are_refused(
    workspace: Workspace, tmp_path: Path, good: str, bad: tuple[str, ...]
) -> None:
    moments = [*[good] * 20, *bad]
    rows = [(str(order), moment, "K1", "A", 1, "1.50") for order, moment in enumerate(moments)]
    assert run(workspace, write_csv(tmp_path / "a.csv", rows)) == counts(imported=20, rejected=len(bad))
    assert set(by(facts(workspace, "orders"), "order_id", "ordered_at")) == {str(order) for order in range(20)}
