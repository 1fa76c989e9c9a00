"""Events as they come in."""

import pytest
from playwright.sync_api import expect

from schwung.app import keys
from tests.browser.checks import assert_fits, assert_fits_everywhere, send
from tests.browser.conftest import OpenTab, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def key(desk: Site) -> str:
    return keys.create_key(desk.workspace, "live", "write")


def test_paused_events_wait_and_come_back(desk: Site, at_desk: OpenTab, key: str) -> None:
    send(desk, key, {"userId": "anna", "event": "Product Viewed", "properties": {"product_id": "yir"}})
    watched = at_desk("/live?source=live")
    page = watched.page
    rows = page.locator(".s-live-row")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Pause").click()
    send(desk, key, {"userId": "ben", "event": "Cart Viewed"})
    page.wait_for_timeout(2_000)
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Go on").click()
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("ben")
    page.fill("[name=name]", "cart_viewed")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(rows).to_have_count(1)


def test_an_event_leads_to_its_customer(desk: Site, at_desk: OpenTab, key: str) -> None:
    send(
        desk,
        key,
        {"userId": "cem", "event": "Product Viewed", "properties": {"product_id": "<script>alert(1)</script>"}},
    )
    watched = at_desk("/live?source=live")
    row = watched.page.locator(".s-live-row", has_text="cem")
    row.locator("summary").click()
    expect(row.locator("pre")).to_contain_text("<script>alert(1)</script>")
    assert_fits(watched)
    for _ in range(40):  # until the worker has unified it
        row.get_by_role("link", name="Open the customer").click()
        watched.page.wait_for_load_state()
        if "/customers/" in watched.page.url:
            break
        row.locator("summary").click()
    expect(watched.page.locator("main")).to_contain_text("cem")


def test_pages(desk: Site, at_desk: OpenTab) -> None:
    key = keys.create_key(
        desk.workspace, "eine Quelle mit einem sehr langen Namen für Werbemittelbestellungen", "write"
    )
    long = "a-very-long-address-of-a-person-with-many-names@ein-langer-domainname-gesellschaft.example"
    send(desk, key, {"userId": long, "event": "Rückfragebestätigungsbenachrichtigung " * 4})
    assert_fits_everywhere(at_desk, "/live")


def test_nothing_yet(empty_shop: Site, at_desk: OpenTab) -> None:
    assert_fits_everywhere(at_desk, "/live", empty_shop)
