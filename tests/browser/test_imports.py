"""The wizard: a German file with bad rows goes in, once."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from schwung.app import import_uploads as uploads
from tests.browser.checks import assert_fits, assert_fits_everywhere
from tests.browser.conftest import OpenTab, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HEAD = "Bestellnr;Datum;KdNr;EMail;Artikel;Bezeichnung;Menge;Preis;Währung;Bearbeiter\r\n"
BAD = {7: ("31.02.2026 08:00", "3,50"), 11: ("31.02.2026 08:00", "3,50"), 13: ("09.03.2026 08:00", "auf Anfrage")}


@pytest.fixture(scope="module")
def german_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 lines of 30 orders; semicolon, Windows-1252, decimal comma; two days that do not exist, one price that is none."""
    lines = [HEAD]
    for number in range(60):
        day, price = BAD.get(number, (f"{number % 27 + 1:02}.03.2026 08:{number % 60:02}", f"{number % 9 + 1},50"))
        mail = "" if number % 10 == 0 else f"kunde{number % 20}@example.org"
        lines.append(
            f"90-{number // 2};{day};{number % 20};{mail};YIR-{number};Äthiopien Größe {number};1;{price};EUR;jk\r\n"
        )
    path = tmp_path_factory.mktemp("files") / "Bestellungen März.csv"
    path.write_text("".join(lines), encoding="cp1252")
    return path


def _upload(page: Page, path: Path, source: str = "kasse") -> None:
    page.set_input_files("input[type=file]", path)
    expect(page.locator("[data-drop-name]")).to_have_text(path.name)
    page.fill("[name=source]", source)
    page.get_by_role("button", name="Weiter: Spalten zuordnen").click()
    page.wait_for_url("**/columns")


def _start(page: Page) -> None:
    page.get_by_role("button", name="Weiter: Prüfen").click()
    page.wait_for_url("**/check")
    page.get_by_role("button", name="Datei einlesen").click()
    expect(page.get_by_role("heading", name="Fertig")).to_be_visible(timeout=30_000)


def _counts(page: Page) -> dict[str, str]:
    names, values = page.locator("#run dt").all_inner_texts(), page.locator("#run dd").all_inner_texts()
    return {name: value.split(" ")[0] for name, value in zip(names, values, strict=True)}


def test_a_german_file_goes_in_once(desk: Site, at_desk: OpenTab, german_file: Path) -> None:
    watched = at_desk("/imports/new", language="de")
    page = watched.page
    _upload(page, german_file)
    columns = page.locator(".s-map tbody tr")
    expect(columns).to_have_count(10)
    for described in ("Semikolon", "Windows-1252", "Dezimalkomma"):
        expect(page.locator(".s-card-head").first).to_contain_text(described)
    for row, said in ((1, "2 nicht lesbar"), (3, "90 % gefüllt"), (7, "1 nicht lesbar"), (9, "bleibt in der Datei")):
        expect(columns.nth(row)).to_contain_text(said)
    expect(columns.nth(5)).to_contain_text("Äthiopien Größe")
    assert_fits(watched)

    page.fill("[name=zone]", "Europa/Berlin")
    page.get_by_role("button", name="Weiter: Prüfen").click()
    expect(page.get_by_role("alert")).to_contain_text("Diese Zeitzone gibt es nicht.")
    watched.complaints.clear()  # the browser notes the answer 400
    page.fill("[name=zone]", "Europe/Berlin")
    page.get_by_role("button", name="Weiter: Prüfen").click()
    errors = page.get_by_role("region", name="Zeilen mit Fehlern").locator("tbody tr")
    expect(errors).to_have_count(2, timeout=30_000)
    expect(errors.nth(0)).to_have_text(re.compile(r"9\s*Datum\s*31\.02\.2026 08:00\s*Diesen Tag gibt es nicht\s*2"))
    expect(errors.nth(1)).to_contain_text("auf Anfrage")
    assert_fits(watched)

    page.get_by_role("button", name="Datei einlesen").click()
    expect(page.get_by_role("heading", name="Fertig")).to_be_visible(timeout=30_000)
    assert _counts(page) == {
        "Gelesene Zeilen": "60",
        "Neu": "57",
        "Schon bekannt": "0",
        "Geändert": "0",
        "Abgelehnt": "3",
    }
    with page.expect_download() as download:
        page.get_by_role("link", name="mit Gründen herunterladen").click()
    rejects = download.value.path().read_text(encoding="utf-8").splitlines()
    assert len(rejects) == 4 and rejects[1].startswith("9,Datum,31.02.2026 08:00,There is no such day,Diesen Tag gibt")
    assert_fits(watched)

    page.goto(f"{desk.address}/imports/new")
    _upload(page, german_file)
    _start(page)
    assert _counts(page) == {
        "Gelesene Zeilen": "60",
        "Neu": "0",
        "Schon bekannt": "57",
        "Geändert": "0",
        "Abgelehnt": "3",
    }


def test_the_earlier_mapping_is_offered(desk: Site, at_desk: OpenTab, german_file: Path) -> None:
    page = at_desk("/imports/new", language="de").page
    _upload(page, german_file, "laden")
    page.locator("[name=field-8]").select_option("")
    page.wait_for_load_state()
    _start(page)
    page.goto(f"{desk.address}/imports/new")
    _upload(page, german_file, "laden")
    expect(page.locator("[name=field-8]")).to_have_value("currency")
    page.get_by_role("button", name="Frühere Zuordnung laden").click()
    expect(page.get_by_role("status")).to_contain_text("Die Zuordnung des letzten Imports ist geladen.")
    expect(page.locator("[name=field-8]")).to_have_value("")
    expect(page.get_by_role("button", name="Frühere Zuordnung laden")).to_have_count(0)
    page.get_by_role("button", name="Verwerfen").click()
    expect(page.get_by_role("status")).to_contain_text("Verworfen")


def test_a_wrong_format_is_told_beside_the_form(at_desk: OpenTab, tmp_path: Path) -> None:
    path = tmp_path / "bild.png"
    path.write_bytes(b"\x89PNG")
    page = at_desk("/imports/new", language="de").page
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Weiter: Spalten zuordnen").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.set_input_files("input[type=file]", path)
    expect(page.locator("[data-drop-name]")).to_have_text("bild.png")


def test_an_import_is_stopped_and_goes_on(desk: Site, at_desk: OpenTab, german_file: Path) -> None:
    """The worker is told to leave the run alone first, so that the page can be seen waiting."""
    workspace = desk.workspace
    with german_file.open("rb") as file:
        path = uploads.save_upload(workspace, "c.csv", file)
    number = uploads.create_draft(workspace, path, "order_lines", "filiale")
    watched = at_desk("/imports", language="en")
    expect(watched.page.get_by_role("link", name="c.csv")).to_have_attribute("href", f"/imports/{number}/columns")
    uploads.start(workspace, number)
    assert uploads.stop(workspace, number)
    watched = at_desk(f"/imports/{number}")
    expect(watched.page.get_by_role("heading", name="Stopped")).to_be_visible()
    assert_fits(watched)
    watched.page.get_by_role("button", name="Go on with the import").click()
    expect(watched.page.get_by_role("heading", name="Done")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("path", ["/imports", "/imports/new", "DRAFT/columns", "DRAFT/check", "DONE"])
def test_pages(path: str, desk: Site, at_desk: OpenTab, german_file: Path) -> None:
    with german_file.open("rb") as file:
        saved = uploads.save_upload(desk.workspace, f"{'Sehr-langer-Dateiname-' * 4}.csv", file)
    number = uploads.create_draft(desk.workspace, saved, "order_lines", "Kaffeehaus-Filiale-Brandenburg")
    done = next((run.import_no for run in uploads.runs(desk.workspace) if run.state == "done"), number)
    assert_fits_everywhere(at_desk, path.replace("DRAFT", f"/imports/{number}").replace("DONE", f"/imports/{done}"))
    uploads.drop_draft(desk.workspace, number)


def test_the_first_import(empty_shop: Site, at_desk: OpenTab) -> None:
    assert_fits_everywhere(at_desk, "/imports", empty_shop)
