"""Saved customer lists on both stores: made, renamed, deleted and restored; separated and erased customers; the person's export."""

import json
import zipfile
from collections.abc import Callable

import pytest

from schwung.app.export_person import export_person
from schwung.app.facts import open_facts
from schwung.app.forget import forget
from schwung.app.list_sources import lines_of, list_from_filter, list_from_lines
from schwung.app.lists import delete_list, list_page, lists, read_list, rename_list, restore_list
from schwung.app.merge import merge, unmerge
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from tests import cast
from tests.people import customer_of


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace], store_url: str) -> Workspace:
    workspace = new_workspace(store=store_url)
    cast.fill(workspace)
    return workspace


def facts_of(workspace: Workspace) -> set[tuple[int, int]]:
    """(list, customer) of the memberships that hold, as a metric sees them."""
    with open_facts(workspace) as facts:
        rows = facts.table("memberships", customer=True)
        found = facts.run(rows.filter(rows["left_at"].isnull()).select("segment_id", "customer_id")).to_pylist()
    return {(row["segment_id"], row["customer_id"]) for row in found}


def test_life_of_a_list(shop: Workspace) -> None:
    ben, anna = (customer_of(shop, "user_id", who) for who in ("ben", "anna"))
    assert ben is not None and anna is not None
    content = b"user_id;note\r\nben;x\r\nuser_id:anna;y\r\nnobody@example.com;\r\n"
    saved, named = list_from_lines(shop, " My  friends ", lines_of(content), actor="cli:test")
    assert (saved.name, saved.size, named.unknown) == ("My friends", 2, ("nobody@example.com",))
    assert facts_of(shop) == {(saved.list_no, ben), (saved.list_no, anna)}
    rows, following = list_page(shop, saved.list_no, limit=1)
    assert [row["customer_id"] for row in rows] == [min(ben, anna)] and following == min(ben, anna)
    new = list_from_filter(shop, "New ones", kind="new", actor="cli:test")
    assert [one.name for one in lists(shop)] == ["New ones", "My friends"] and new.size >= 1
    for name, code in (("My friends", "list_exists"), (" ", "name_wrong")):
        with pytest.raises(InputError) as refused:
            list_from_filter(shop, name, kind="new", actor="cli:test")
        assert refused.value.code == code
    with pytest.raises(InputError) as empty:
        list_from_filter(shop, "None", search="zzzz", actor="cli:test")
    assert empty.value.code == "list_empty"
    rename_list(shop, "My friends", "Friends", actor="cli:test")
    delete_list(shop, "Friends", actor="cli:test")
    assert {number for number, _ in facts_of(shop)} == {new.list_no}
    with pytest.raises(InputError):
        read_list(shop, "Friends")
    restore_list(shop, saved.list_no, actor="cli:test")
    assert read_list(shop, "Friends").list_no == saved.list_no
    assert facts_of(shop) >= {(saved.list_no, ben), (saved.list_no, anna)}


def test_merged_separated_exported_erased(shop: Workspace) -> None:
    ben, anna = (customer_of(shop, "user_id", who) for who in ("ben", "anna"))
    assert ben is not None and anna is not None
    whole = merge(shop, ben, anna, "cli:test")
    saved, _ = list_from_lines(shop, "Both", ["user_id:ben"], actor="cli:test")
    assert facts_of(shop) == {(saved.list_no, whole)} and saved.size == 1
    with shop.store.read() as tx:
        mine = [row["identifier_id"] for row in tx.rows("identity.of_customer", customer_id=whole)]
        leaving = [one for one in mine if customer_of(shop, "user_id", "ben") and one >= max(ben, anna)]
    unmerge(shop, whole, leaving, "cli:test")
    assert {one for _, one in facts_of(shop)} == {ben, anna}, "both sides stay in the list"
    with zipfile.ZipFile(export_person(shop, anna, "cli:test")) as archive:
        told = json.loads(archive.read("json/lists.json"))
        assert [row["name"] for row in told] == ["Both"] and archive.read("json/memberships.json")
    found = list_from_filter(shop, "Found", search="ahrens", actor="cli:test")
    report = forget(shop, anna, "cli:test")
    assert dict(read_list(shop, found.list_no).basis) == {} and read_list(shop, found.list_no).size == 0
    assert report.store["membership"] >= 1 and report.lake_deleted["memberships"] >= 1
    assert {one for _, one in facts_of(shop)} == {ben}
