"""Settings: changed, refused beside the field, on record; exchange rates."""

import pytest
from playwright.sync_api import expect

from tests.browser.checks import assert_fits, assert_fits_everywhere
from tests.browser.conftest import OpenTab, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_the_zone_is_changed_and_a_wrong_one_refused(desk: Site, at_desk: OpenTab) -> None:
    watched = at_desk("/settings", language="de")
    page = watched.page
    page.get_by_label("Zeitzone").fill("Mars/Olympus")
    page.get_by_label("Name", exact=True).fill("Kaffeehaus Nord")
    page.get_by_role("button", name="Einstellungen speichern").click()
    said = page.locator("#wrong-zone")
    expect(said).to_contain_text(
        "Diese Zeitzone gibt es nicht; ein Beispiel ist Europe/Berlin. Nichts wurde gespeichert."
    )
    assert page.get_by_label("Zeitzone").get_attribute("aria-invalid") == "true"
    expect(page.get_by_label("Name", exact=True)).to_have_value("Kaffeehaus Nord")
    watched.complaints.clear()  # the browser notes the answer 400
    assert_fits(watched)
    assert desk.workspace.settings.workspace.zone == "Europe/Berlin"

    page.get_by_label("Zeitzone").fill("Europe/London")
    page.get_by_role("button", name="Einstellungen speichern").click()
    expect(page.get_by_role("status")).to_contain_text("Gespeichert. Es gilt sofort.")
    expect(page.get_by_label("Zeitzone")).to_have_value("Europe/London")
    assert desk.workspace.settings.workspace.zone == "Europe/London"
    page.goto(f"{desk.address}/health-check/audit")
    expect(page.locator("tbody tr").first).to_contain_text("Einstellungen geändert")
    page.goto(f"{desk.address}/settings")
    page.get_by_label("Zeitzone").fill("Europe/Berlin")
    page.get_by_label("Name", exact=True).fill("Kaffeehaus")
    page.get_by_role("button", name="Einstellungen speichern").click()
    expect(page.get_by_role("status")).to_be_visible()


@pytest.mark.parametrize(("section", "name", "value", "said"), [
    ("retention", "chunks_days", "0", "The least is 1."),
    ("retention", "facts_days", "events = viele", "A whole number is expected."),
    ("workspace", "currency", "euro", "It does not have the form that is expected."),
])  # fmt: skip
def test_what_cannot_be_is_said_beside_the_field(
    at_desk: OpenTab, section: str, name: str, value: str, said: str
) -> None:
    page = at_desk(f"/settings?section={section}").page
    page.locator("form.s-form").evaluate("form => (form.noValidate = true)")
    page.fill(f"[name={name}]", value)
    page.get_by_role("button", name="Save settings").click()
    expect(page.locator(f"#wrong-{name}")).to_contain_text(said)
    expect(page.locator(f"[name={name}]")).to_have_value(value)


def test_a_rate_is_entered_with_a_comma_and_removed(at_desk: OpenTab) -> None:
    page = at_desk("/settings/rates", language="de").page
    page.fill("form[action$=set] [name=currency]", "usd")
    page.fill("form[action$=set] [name=rate]", "0,9235")
    page.fill("form[action$=set] [name=since]", "2026-01-01")
    page.get_by_role("button", name="Kurs speichern").click()
    expect(page.get_by_role("status")).to_contain_text("Der Kurs für USD gilt sofort.")
    expect(page.locator("tbody tr").first).to_contain_text("1 USD = 0,9235 EUR")
    page.fill("form[action$=set] [name=currency]", "EUR")
    page.fill("form[action$=set] [name=rate]", "1")
    page.get_by_role("button", name="Kurs speichern").click()
    expect(page.get_by_role("alert")).to_contain_text("fremde Währung")
    page.get_by_role("button", name="Kurs für USD ab 01.01.2026 entfernen").click()
    expect(page.get_by_text("Noch kein Kurs")).to_be_visible()


@pytest.mark.parametrize(
    "path", ["/settings", "/settings?section=serve", "/settings?section=retention", "/settings/rates"]
)
def test_pages(path: str, at_desk: OpenTab) -> None:
    assert_fits_everywhere(at_desk, path)
