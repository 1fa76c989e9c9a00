"""The customer list on both stores: kept true by touch and by time, paged both ways, found by words, forgotten."""

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from schwung.app import customer_list
from schwung.app.customer_list import kind_counts, list_customers
from schwung.app.refresh import INDEXES, fold, forget_customers, refresh_all, refresh_touched, sought, words_of
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, to_instant
from schwung.stores.statements import SQL_FOLDER
from tests import cast
from tests.conftest import FrozenClock

COLUMNS = ("customer_id", "full_name", "name_key", "email", "user_id", "country", "kind", "kind_changes_at",
           "first_seen_at", "first_order_at", "last_order_at", "order_count", "revenue_minor", "words", "batch_no")  # fmt: skip


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace], store_url: str) -> Workspace:
    workspace = new_workspace(store=store_url)
    cast.fill(workspace)
    return workspace


def test_touched_whole_and_due(shop: Workspace, clock: FrozenClock) -> None:
    before = list_customers(shop).rows
    assert refresh_all(shop) == 5
    assert list_customers(shop).rows == before, "the whole list says what the touched rows said"
    assert refresh_touched(shop) == 0
    cast.send(
        shop,
        [cast.order("B2", "2026-11-19 10:00", 60, user="ben"), cast.order("F1", "2026-11-19 11:00", 7, user="finn")],
    )
    cast.mirror(shop)
    rows = {row["user_id"]: row for row in list_customers(shop).rows}
    assert (rows["ben"]["kind"], rows["ben"]["order_count"], rows["ben"]["revenue_minor"]) == ("existing", 2, 9500)
    assert (rows["finn"]["kind"], rows["finn"]["revenue_minor"]) == ("new", 700)
    assert {user: row for user, row in rows.items() if user not in ("ben", "finn")} == {
        row["user_id"]: row for row in before if row["user_id"] != "ben"
    }
    for days, kinds in ((91, ("dormant", "lost")), (182, ("lost", "lost"))):
        clock.now = to_instant(datetime(2026, 11, 19, 12, tzinfo=UTC)) + days * DAY
        refresh_touched(shop)
        rows = {row["user_id"]: row for row in list_customers(shop).rows}
        assert (rows["finn"]["kind"], rows["cem"]["kind"]) == kinds, "time alone changes kinds"
        shown = list_customers(shop).rows
        refresh_all(shop)
        assert list_customers(shop).rows == shown


def test_forgotten(shop: Workspace) -> None:
    (ben,) = list_customers(shop, search="ben gro").rows
    with shop.store.write() as tx:
        forget_customers(tx, [ben["customer_id"]])
    assert list_customers(shop, search="ben").rows == []
    with shop.store.read() as tx:
        assert tx.rows("customer_list.hits", low="ben", high="beo", most=10) == []


def test_filled_for_the_first_time(shop: Workspace) -> None:
    """Also where a crash left some rows: the list says and finds what it did when it was filled by touch."""
    before, found = list_customers(shop).rows, list_customers(shop, search="gro").rows
    with shop.store.write() as tx:
        tx.value("store.draw", name="customer_list", count=-tx.value("store.counter", name="customer_list"))
    assert refresh_all(shop) == 5
    assert list_customers(shop).rows == before
    assert list_customers(shop, search="gro").rows == found != []
    assert refresh_touched(shop) == 0, "it is true up to the newest batch"
    with shop.store.write() as tx:  # as a crash leaves it: rows without their words
        tx.value("store.draw", name="customer_list", count=-tx.value("store.counter", name="customer_list"))
        tx.run("customer_list.clear_words")
    assert refresh_touched(shop) == 5
    assert (list_customers(shop).rows, list_customers(shop, search="gro").rows) == (before, found)


def test_first_filling_makes_the_indexes_that_the_store_had() -> None:
    made = r"CREATE INDEX (?:IF NOT EXISTS )?(customer_list_\w+ ON customer_list \([\w, ]+\))"
    migrated = re.findall(made, (SQL_FOLDER.parent / "migrations" / "0003_customers.sql").read_text())
    assert sorted(re.findall(made, (SQL_FOLDER / "customer_list.sql").read_text())) == sorted(migrated) != []
    assert {one.split()[0] for one in migrated} == {f"customer_list_{name}" for name in INDEXES}


def test_words_that_begin_others_are_found_by_those() -> None:
    words = " anna gross anna.gross@example.com anna.gross example.com com k-17 k "
    assert sought(words) == {"gross", "anna.gross@example.com", "example.com", "com", "k-17"}


def test_words() -> None:
    assert words_of("Anna-Maria GROẞ", "A.Gross@Example.com", None) == [
        "anna-maria", "gross", "anna", "maria", "a.gross@example.com", "a.gross", "example.com", "a", "example", "com",
    ]  # fmt: skip
    assert words_of("") == []
    assert fold("  ＡNNA ") == "anna"


def test_pages_both_ways_and_both_plans(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """3,000 rows with many ties: every page forth and back, each search by hit list and by walking, against a plain list."""
    rng = random.Random(3)
    kinds = ("new", "existing", "lost")
    rows = []
    for number in range(1_000, 4_000):
        name = rng.choice(("Ada", "Bea", "100%", "a_b")) + f" {rng.choice(('Berg', 'Bach', 'Tal'))}"
        words = f" {' '.join(words_of(name))} "
        last = rng.randrange(40)
        rows.append(
            (
                number,
                name,
                fold(name),
                None,
                None,
                None,
                rng.choice(kinds),
                2**62,
                0,
                0,
                last,
                1,
                rng.randrange(-5, 30),
                words,
                0,
            )
        )
    with shop.store.write() as tx:
        forget_customers(tx, [row["customer_id"] for row in list_customers(shop).rows])
        tx.load("customer_list", COLUMNS, rows)
        tx.load(
            "customer_search",
            ("word", "customer_id"),
            sorted((word, row[0]) for row in rows for word in row[13].split()),
        )
    monkeypatch.setattr(customer_list, "_counts", {})
    place = {"last_order": 10, "revenue": 12, "name": 2}
    for most_hits in (10_000, 10):
        monkeypatch.setattr(customer_list, "MOST_HITS", most_hits)
        for sort, kind, search, descending in (
            ("last_order", None, "", True), ("revenue", "lost", "", False), ("name", None, "b", True),
            ("revenue", "new", "ada b", True), ("last_order", None, "100%", False), ("name", "lost", "a_b ba", False),
        ):  # fmt: skip
            wanted = [
                row for row in rows if kind in (None, row[6]) and all(f" {word}" in row[13] for word in search.split())
            ]
            wanted.sort(key=lambda row: (row[place[sort]], row[0]), reverse=descending)
            asked = {"kind": kind, "search": search, "sort": sort, "descending": descending, "limit": 400}
            page, seen, pages = list_customers(shop, **asked), [], []
            while True:
                seen += [row["customer_id"] for row in page.rows]
                pages.append(page.rows)
                if page.next is None:
                    break
                page = list_customers(shop, **asked, after=page.next)
            assert seen == [row[0] for row in wanted], asked
            assert page.count == len(wanted) or (page.more_than and page.count == most_hits)
            for earlier in reversed(pages[:-1]):
                assert page.previous is not None
                page = list_customers(shop, **asked, before=page.previous)
                assert page.rows == earlier, asked
            assert page.previous is None
    assert kind_counts(shop)["lost"] == sum(row[6] == "lost" for row in rows)
