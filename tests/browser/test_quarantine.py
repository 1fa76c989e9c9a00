"""Events that did not fit: looked at, given up, taken in again."""

import json

import pytest
from playwright.sync_api import expect

from schwung.app import keys, quarantine
from schwung.collect.reason import Reason
from schwung.collect.wire import Refused
from schwung.core.text import Text
from tests.browser.checks import assert_fits, assert_fits_everywhere, send
from tests.browser.conftest import OpenTab, Site
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def key(desk: Site) -> str:
    return keys.create_key(desk.workspace, "alte kasse", "write")


def test_a_misfit_is_seen_and_given_up(desk: Site, at_desk: OpenTab, key: str) -> None:
    for number in range(2):
        send(
            desk,
            key,
            {
                "userId": "anna",
                "event": "Order Completed",
                "properties": {"order_id": f"m{number}", "total": "<b>viel</b>"},
            },
        )
    watched = at_desk("/live")
    page = watched.page
    until(lambda: quarantine.held_count(desk.workspace) >= 2)
    page.goto(f"{desk.address}/quarantine")
    card = page.locator("section.s-card", has_text="alte kasse")
    expect(card).to_contain_text("<b>viel</b>")
    expect(page.locator(".s-nav-side a[aria-current] .s-n")).to_have_text("2")
    card.get_by_text("Look at some").click()
    expect(card.locator("pre").first).to_contain_text('"<b>viel</b>"')
    assert_fits(watched)

    card.get_by_role("button", name="Take in again").click()
    expect(page.get_by_role("alert")).to_contain_text("2 still do not fit and keep waiting.")
    card.get_by_role("button", name="Give up").first.click()
    dialog = page.locator("dialog[open]")
    expect(dialog.get_by_role("button", name="Give up")).to_be_disabled()
    dialog.locator("[name=confirmation]").fill("2")
    dialog.get_by_role("button", name="Give up").click()
    expect(page.get_by_role("status")).to_contain_text("2 events were given up.")
    expect(page.get_by_text("Everything fits")).to_be_visible()


def _hold(desk: Site, message: str) -> None:
    """An event that an older rule refused and today's takes."""
    body = {
        "type": "track",
        "event": "Product Viewed",
        "userId": "ben",
        "properties": {"product_id": "yir"},
        "messageId": message,
        "timestamp": "2026-11-20T10:00:00Z",
    }
    workspace = desk.workspace
    why = Reason("old_rule", Text("A rule of yesterday.", "Eine Regel von gestern."), "properties")
    with workspace.store.write() as tx:
        refused = Refused(
            message.encode(), why, json.dumps(body).encode(), "alte kasse", message, "product_viewed", workspace.clock()
        )
        assert quarantine.hold_refused(tx, [refused]) == 1


def test_what_fits_by_now_is_taken_in(desk: Site, at_desk: OpenTab, key: str) -> None:
    _hold(desk, "held-1")
    page = at_desk("/quarantine", language="de").page
    card = page.locator("section.s-card", has_text="Eine Regel von gestern.")
    expect(card).to_contain_text("1 Ereignis")
    card.get_by_role("button", name="Erneut aufnehmen").click()
    expect(page.get_by_role("status")).to_contain_text("Ein Ereignis ist aufgenommen.")
    page.goto(f"{desk.address}/live?source=alte+kasse&name=product_viewed")
    expect(page.locator(".s-live-row")).to_have_count(1)


def test_pages(desk: Site, at_desk: OpenTab, key: str) -> None:
    _hold(desk, "held-2")
    send(desk, key, {"userId": "anna", "event": "Order Refunded", "properties": {"total": 5}})
    until(lambda: quarantine.held_count(desk.workspace) >= 2)
    assert_fits_everywhere(at_desk, "/quarantine")


def test_everything_fits(empty_shop: Site, at_desk: OpenTab) -> None:
    assert_fits_everywhere(at_desk, "/quarantine", empty_shop)
