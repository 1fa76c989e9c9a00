"""A funnel is built by clicking, saved, and who dropped becomes a list, which is deleted and comes back."""

import pytest
from playwright.sync_api import expect

from tests.browser.checks import assert_fits
from tests.browser.conftest import OpenTab, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_from_clicks_to_a_list(shop: Site, tab: OpenTab) -> None:
    watched = tab()
    page = watched.open(f"{shop.address}/funnels/build")
    page.get_by_role("button", name="Remove").nth(2).click()
    watched.settle()
    page.get_by_role("button", name="Filter").first.click()
    watched.settle()
    page.locator("[name='s0.p0']").fill("category")
    page.locator("[name='s0.v0']").fill("coffee")
    page.locator("[name=by]").select_option("country")
    page.get_by_role("button", name="Show", exact=True).click()
    watched.settle()
    expect(page.get_by_role("heading", name="By country")).to_be_visible()
    assert (
        page.locator("[name='s2.what']").input_value() == "fact:orders" and not page.locator("[name='s3.what']").count()
    )
    assert_fits(watched)
    page.get_by_role("button", name="Save funnel").click()
    page.locator("#save [name=name]").fill("Coffee")
    page.locator("#save button.s-main").click()
    expect(page.get_by_role("status")).to_contain_text("Funnel “Coffee” saved.")
    watched.settle()
    page.get_by_role("button", name="lost after step 1").click()
    page.locator("#drop-1 button.s-main").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Coffee: lost after step 1")
    page.locator("summary[aria-label^=More]").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("deleted")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Coffee: lost after step 1")
    for width, path in ((390, "/funnels/paths"), (1440, "/funnels/visits")):
        page.set_viewport_size({"width": width, "height": 900})
        watched.open(shop.address + path)
        assert_fits(watched)
