"""Pages without sign-in: fit for everybody, at the desk and on the phone, by keyboard and without script."""

import pytest
from playwright.sync_api import expect

from schwung.app.consent_start import start
from schwung.app.double_opt_in import request
from schwung.app.signed_links import confirm_link, preferences_link, unsubscribe_link
from tests.browser.checks import violations
from tests.browser.conftest import OpenTab, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_pages_for_customers(shop: Site, tab: OpenTab) -> None:
    workspace = shop.workspace
    start(workspace, "cli:test")
    request(workspace, "new.reader@example.org", "newsletter", source="form")
    with workspace.store.read() as tx:
        address = tx.rows("identity.find", kind="email", values=[_some_address(shop)])[0]["identifier_id"]
        number = tx.value("store.counter", name="double_opt_in")
    links = [
        preferences_link(workspace, address),
        confirm_link(workspace, number),
        unsubscribe_link(workspace, address, "survey"),
    ]
    watched = tab()
    page = watched.page
    for link in links:
        watched.open(f"{shop.address}/p/{link.split('/p/')[1]}?lang=de")
        assert violations(watched) == [] and watched.overflow() <= 0
        page.set_viewport_size({"width": 390, "height": 844})
        assert watched.overflow() <= 0
        page.set_viewport_size({"width": 1440, "height": 900})
        assert page.locator("html").get_attribute("lang") == "de" and page.locator("script").count() == 0
    page.get_by_role("button", name="Abmelden").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Sie sind abgemeldet")
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("Unsubscribe?")
    assert watched.complaints == []


def _some_address(shop: Site) -> str:
    from schwung.app.customer_list import list_customers

    with shop.workspace.store.read() as tx:
        for row in list_customers(shop.workspace, sort="revenue").rows:
            for one in tx.rows("identity.of_customer", customer_id=row["customer_id"]):
                if one["kind"] == "email":
                    return str(one["value"])
    raise AssertionError("nobody has an address")
