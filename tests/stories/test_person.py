"""A person asks: what do you know about me, and then: forget me. And time passes."""

import csv
import io
import json
import os
import zipfile

import pytest
from typer.testing import CliRunner

from schwung.app.audit import entries
from schwung.app.consents import opt_out, record_consent
from schwung.app.customers import find_customer, read_customer, retire, set_trait, show_customer
from schwung.app.export_letter import title_of
from schwung.app.export_person import _of_store, export_person
from schwung.app.facts import open_facts
from schwung.app.refresh import refresh_touched
from schwung.app.retain import retain
from schwung.app.timeline import Place, read_place, timeline
from schwung.app.wiring import TABLES, Workspace
from schwung.cli import app
from schwung.core.errors import InputError, SetupError
from tests import cast
from tests.people import bring, customer_of, event, receive

DAY = 86_400_000_000
EVIL = "<script>alert(1)</script>'; DROP TABLE identifier; --"


@pytest.fixture
def anna(workspace: Workspace) -> int:
    """Anna with two orders, a refund, forty page views; everything that can be typed is hostile."""
    cast.once(workspace, "anna", _anna)
    found = customer_of(workspace, "user_id", "anna-1")
    assert found
    return found


def _anna(workspace: Workspace) -> None:
    now = workspace.clock() - 10 * DAY
    who = {"user_id": "anna-1", "email": "anna@example.de"}
    line = {"product_id": "p1", "quantity": 1, "price": 12.5}
    bring(
        workspace,
        event("profile_identified", now, traits={"name": EVIL, "note": "=1+1", "phone": "+49 151 234567"}, call="identify", **who),
        *[event("page_viewed", now + 60 + n // 4, {"title": EVIL}, call="page", user_id="anna-1") for n in range(40)],
        event("order_completed", now + DAY, {"order_id": "A1", "total": 12.5, "currency": "EUR", "products": [line]}, **who),
        event("order_completed", now + 2 * DAY, {"order_id": "A2", "total": 12.5, "currency": "EUR", "products": [line]}, **who),
        event("page_viewed", now, call="page", user_id="ben"),
    )  # fmt: skip
    refresh_touched(workspace)


def test_everything_about_a_person_in_a_zip(workspace: Workspace, anna: int) -> None:
    record_consent(workspace, anna, "cli:test", purpose="newsletter", channel="email", state="granted", proof="form 7")
    receive(workspace, event("page_viewed", workspace.clock(), {"title": "fresh"}, call="page", user_id="anna-1"))
    path = export_person(workspace, anna, "cli:test")
    assert path.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        everything = json.loads(archive.read("everything.json"))["tables"]
        traits = {
            row["name"]: row for row in csv.DictReader(io.StringIO(archive.read("csv/traits.csv").decode("utf-8-sig")))
        }
        for letter in ("letter.pdf", "Anschreiben.pdf"):
            assert archive.read(letter).startswith(b"%PDF-")
            assert b"/StructTreeRoot" in archive.read(letter)
    assert {"letter.pdf", "Anschreiben.pdf", "everything.json", "json/orders.json", "csv/orders.csv"} <= names
    assert {row["order_id"] for row in everything["orders"]} == {"A1", "A2"}
    assert everything["traits"][0]["value"] == EVIL and traits["note"]["value"] == "'=1+1"
    assert traits["phone"]["value"] == "+49 151 234567"
    assert len(everything["received"]) == 1 and everything["consents"][0]["proof"] == "form 7"
    assert len([row for row in everything["events"] if row["name"] == "page_viewed"]) == 40
    assert "exported" in {entry.act for entry in entries(workspace, customer_id=anna)}


def test_every_table_that_may_be_enclosed_has_a_title(workspace: Workspace, anna: int) -> None:
    with workspace.store.read() as tx:
        names = _of_store(tx, read_customer(tx, workspace, anna), "DE")
    assert all(title_of(name).de for name in (*names, *TABLES, "received"))


def test_the_letter_says_what_the_law_wants(workspace: Workspace, anna: int) -> None:
    from schwung.app.export_letter import covering_letter

    for language, words in (
        ("de", ("Zwecke", "Empfänger", "Speicherdauer", "Herkunft", "Beschwerde", "Drittländer", "Art. 22")),
        ("en", ("Purposes", "Recipients", "Periods", "Sources", "Complaint", "Third countries", "Art. 22")),
    ):
        letter = covering_letter(workspace, language, ["Anna"], {"orders": 2}, ["shop"])  # type: ignore[arg-type]
        text = " ".join((section.title + section.text) for section in letter.sections)
        assert all(word in text for word in words)
        for article in "abcdefgh":
            assert f"15(1)({article})" in text or f"Abs. 1 lit. {article}" in text


def test_timeline_pages_hold_every_entry_once(workspace: Workspace, anna: int) -> None:
    receive(workspace, event("page_viewed", workspace.clock() - DAY, {"title": "fresh"}, call="page", user_id="anna-1"))
    opt_out(workspace, anna, "cli:test", "newsletter")
    whole = timeline(workspace, anna, limit=500)
    assert whole.next is None
    kinds = [entry.kind for entry in whole.entries]
    assert kinds[:2] == ["act", "received"] and kinds.count("order") == 2 and kinds.count("event") == 41
    assert [entry.happened_at for entry in whole.entries] == sorted(
        (e.happened_at for e in whole.entries), reverse=True
    )
    pages, after = [], None
    while True:
        page = timeline(workspace, anna, after=after, limit=7)
        pages += page.entries
        after = read_place(str(page.next)) if page.next else None
        if after is None:
            break
    assert pages == list(whole.entries)
    with pytest.raises(InputError):
        read_place("1.2; DROP")
    assert read_place("5.1.2") == Place(5, 1, 2)


def test_show_notes_the_view_and_finds_by_any_identifier(workspace: Workspace, anna: int) -> None:
    for text in ("anna-1", "user_id:anna-1", "ANNA@example.de ", f"customer:{anna}", str(anna)):
        assert find_customer(workspace, text) == anna
    with pytest.raises(InputError, match="no customer"):
        find_customer(workspace, EVIL)
    shown = show_customer(workspace, anna, "key:7")
    assert shown.name == EVIL and shown.figures and shown.figures["order_count"] == 2
    assert (entries(workspace)[0].act, entries(workspace)[0].actor) == ("viewed", "key:7")


def test_a_number_may_mean_two_customers(workspace: Workspace) -> None:
    now = workspace.clock() - DAY
    bring(
        workspace,
        event("page_viewed", now, call="page", user_id="2"),
        event("page_viewed", now, call="page", user_id="x"),
    )
    with pytest.raises(InputError, match="more than one"):
        find_customer(workspace, "2")
    assert find_customer(workspace, "user_id:2") == 1 and find_customer(workspace, "customer:2") == 2


def test_a_trait_by_hand_is_published(workspace: Workspace, anna: int) -> None:
    set_trait(workspace, anna, "operator:1", "birthday", "17.05.1990")
    with open_facts(workspace) as facts:
        profiles = {
            row["customer_id"]: json.loads(row["traits"] or "{}")
            for row in facts.run(facts.table("profiles")).to_pylist()
        }
    assert profiles[anna]["birthday"] == "1990-05-17"
    with pytest.raises(InputError):
        set_trait(workspace, anna, "operator:1", "birthday", "soon")


def test_a_value_that_changed_hands_is_somebody_else(workspace: Workspace, anna: int) -> None:
    assert retire(workspace, "email", "Anna@example.de", "cli:test")
    bring(workspace, event("page_viewed", workspace.clock() - DAY, call="page", email="anna@example.de"))
    other = customer_of(workspace, "email", "anna@example.de")
    assert other and other != anna
    assert {entry.identifier_id for entry in timeline(workspace, other).entries} == {other}


def test_retention_counts_first_and_deletes_when_told(workspace: Workspace, anna: int) -> None:
    folder = workspace.files_folder / "exports"
    path = export_person(workspace, anna, "cli:test")
    long_ago = (workspace.clock() - 90 * DAY) / 1e6
    os.utime(path, (long_ago, long_ago))
    older = type(workspace)(workspace.folder, workspace.settings.model_copy(
        update={"retention": workspace.settings.retention.model_copy(update={"facts_days": {"events": 9}})}), workspace.clock)  # fmt: skip
    counts = {one.what: one.count for one in retain(older)}
    assert counts["events"] == 42 and counts["exports"] == 1 and path.exists()
    assert {one.what: one.count for one in retain(older, dry_run=False)}["events"] == 42
    assert not any(folder.iterdir())
    assert {one.what: one.count for one in retain(older)}["events"] == 0
    with open_facts(older) as facts:
        assert facts.run(facts.table("orders")).num_rows == 2
    wrong = type(workspace)(workspace.folder, workspace.settings.model_copy(
        update={"retention": workspace.settings.retention.model_copy(update={"facts_days": {"evnts": 9}})}), workspace.clock)  # fmt: skip
    with pytest.raises(SetupError):
        retain(wrong)
    older.store.close()


def test_the_commands(workspace: Workspace, anna: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHWUNG_WORKSPACE", str(workspace.folder))

    def run(*args: str) -> object:
        done = CliRunner().invoke(app, [*args, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    assert run("customers", "show", "anna-1")["name"] == EVIL  # type: ignore[index]
    assert run("customers", "merge", "anna-1", "ben") == {"customer_id": anna}
    assert run("customers", "unmerge", "anna-1", "--yes") == {"customer_id": anna, "separated_id": 3}
    assert run("customers", "opt-out", "anna-1", "objection")["topic"] == "objection"  # type: ignore[index]
    assert run("customers", "list", "--search", "anna")["count"] == 1  # type: ignore[index]
    assert len(run("customers", "timeline", "anna-1")["entries"]) == 30  # type: ignore[index]
    acts = [row["act"] for row in run("customers", "audit", str(anna))]  # type: ignore[attr-defined]
    assert acts[:4] == ["viewed", "opted_out", "unmerged", "merged"]
    assert run("retain")["applied"] is False  # type: ignore[index]
    assert run("forget", "anna-1", "--yes")["lake_kept"]["orders"] == 2  # type: ignore[index]
    for args in (["customers", "list"], ["customers", "audit"], ["retain"]):
        assert CliRunner().invoke(app, args).exit_code == 0
