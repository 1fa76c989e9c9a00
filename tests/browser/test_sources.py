"""A source from its first key to its end; what it sends is live at once."""

import json
import re
import urllib.error

import pytest
from playwright.sync_api import Page, expect

from schwung.app import keys
from tests.browser.checks import assert_fits, assert_fits_everywhere, send
from tests.browser.conftest import OpenTab, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SECRET = re.compile(r"sw_[0-9a-f]{8}_[0-9a-f]{40}")


def _secret(page: Page) -> str:
    found = SECRET.search(page.locator("[aria-labelledby=h-key] pre").first.inner_text())
    assert found is not None
    return found.group()


def _refused(site: Site, key: str) -> bool:
    try:
        send(site, key, {"userId": "nobody", "event": "x"})
    except urllib.error.HTTPError as error:
        return error.code == 401
    return False


def test_a_key_is_made_used_replaced_and_revoked(desk: Site, at_desk: OpenTab) -> None:
    watched = at_desk("/sources")
    page = watched.page
    page.fill("[name=name]", "Laden am Markt")
    page.get_by_role("button", name="Create source").click()
    key = _secret(page)
    assert_fits(watched)
    page.goto(f"{desk.address}/sources/Laden%20am%20Markt")
    assert key not in page.content() and key[:11] in page.content(), "shown once"

    live = at_desk("/live?source=Laden+am+Markt").page
    expect(live.get_by_text("Waiting for events")).to_be_visible()
    send(desk, key, {"userId": "anna", "event": "Product Viewed", "properties": {"product_id": "yir"}})
    expect(live.locator(".s-live-row")).to_have_count(1)  # without a reload; benchmarks.freshness measures how soon
    expect(live.locator(".s-live-row")).to_contain_text("Product viewed")

    page.get_by_role("button", name="Replace").click()
    newer = _secret(page)
    expect(page.locator("main")).to_contain_text("works for 24 more hours")
    assert newer != key and not _refused(desk, key) and not _refused(desk, newer)

    page.get_by_role("button", name="Revoke").first.click()
    dialog = page.locator("dialog[open]")
    button = dialog.get_by_role("button", name="Revoke")
    expect(button).to_be_disabled()
    dialog.locator("[name=confirmation]").fill(
        dialog.locator("[data-must-equal]").get_attribute("data-must-equal") or ""
    )
    prefix = dialog.locator("[name=confirmation]").input_value()
    button.click()
    expect(page.get_by_role("status")).to_contain_text(f"{prefix} is revoked.")
    gone, stays = (newer, key) if newer.startswith(prefix) else (key, newer)
    assert _refused(desk, gone) and not _refused(desk, stays)


def test_a_webhook_is_tried_and_saved(desk: Site, at_desk: OpenTab) -> None:
    key = keys.create_key(desk.workspace, "zahlung", "write")
    watched = at_desk("/sources/zahlung")
    page = watched.page
    expect(page.locator("#webhook pre").first).to_have_text(f"{desk.address}/v1/webhook/zahlung")
    page.fill(
        "[name=mapping]",
        "event: {const: Order Completed}\nfields: {userId: who}\nproperties: {order_id: nr, total: sum}\n",
    )
    page.get_by_text("Try it with a sample").click()
    page.fill("[name=sample]", '{"who": "ben", "nr": "R-1", "sum": 12.5}')
    page.get_by_role("button", name="Show the events").click()
    shown = json.loads(page.locator("#webhook [role=status] pre").inner_text())
    assert (shown["event"], shown["userId"], shown["properties"]) == (
        "Order Completed",
        "ben",
        {"order_id": "R-1", "total": 12.5},
    )
    assert_fits(watched)
    page.get_by_role("button", name="Save mapping").click()
    expect(page.get_by_role("status")).to_contain_text("Saved. It holds at once.")
    send(desk, key, {"who": "ben", "nr": "R-1", "sum": 12.5}, "/v1/webhook/zahlung")
    page.goto(f"{desk.address}/live?source=zahlung")
    expect(page.locator(".s-live-row")).to_contain_text("Order completed")
    page.goto(f"{desk.address}/sources/zahlung")
    page.fill("[name=mapping]", "event: [")
    page.get_by_role("button", name="Save mapping").click()
    expect(page.get_by_role("alert")).to_contain_text("zahlung")


@pytest.mark.parametrize(
    "path", ["/sources", "/sources/ein%20sehr%20langer%20Name%20f%C3%BCr%20Werbemittelbestellungen"]
)
def test_pages(path: str, desk: Site, at_desk: OpenTab) -> None:
    name = "ein sehr langer Name für Werbemittelbestellungen"
    if name not in {source.name for source in keys.sources(desk.workspace)}:
        key = keys.create_key(desk.workspace, name, "write", label="Kassensystem in der Brandenburgischen Straße")
        keys.create_key(desk.workspace, name, "read")
        keys.revoke_key(desk.workspace, keys.create_key(desk.workspace, name, "admin"))
        send(desk, key, {"userId": "anna", "event": "<b>Rückfrage zur Bestellbestätigung angesehen</b> " * 3})
    assert_fits_everywhere(at_desk, path)


def test_no_source_yet(empty_shop: Site, at_desk: OpenTab) -> None:
    assert_fits_everywhere(at_desk, "/sources", empty_shop)
