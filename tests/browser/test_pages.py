"""Every page: no error, nothing refused by the policy, no sideways scroll, WCAG 2.2 AA; both languages, both themes, desk and phone."""

import re

import pytest

from schwung.app.customer_list import list_customers
from schwung.web.console.area import areas
from tests.browser.checks import violations
from tests.browser.conftest import OpenTab, Site, Watched

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LISTED = [area.path for area in areas() if area.group]
MORE = [
    "/?days=90&against=year&view=funnel",
    "/flywheel",
    "/flywheel/chain",
    "/metrics/repeat_purchase_rate",
    "/metrics/revenue?by=week&cut=channel",
    "/metrics/growth_accounting",
    "/metrics/cohort_retention",
    "/customers?q=an&sort=revenue",
    "/customers?q=nobody-is-called-so",
    "CUSTOMER",
    "/lifecycle/rules?act=preset:b2b",
    "/segments/new",
    "/templates/new",
    "/journeys/new",
    "/journeys-playbooks",
    "/budget/equity",
    "/budget/data",
    "/account",
    "/no-such-page",
]
PAGES = [*LISTED, *MORE]


def _address(site: Site, path: str) -> str:
    if path == "CUSTOMER":
        path = f"/customers/{list_customers(site.workspace, sort='revenue').rows[0]['customer_id']}"
    return site.address + path


def _assert_fits(watched: Watched, *, missing: bool = False) -> None:
    assert violations(watched) == []
    assert watched.overflow() <= 0
    assert watched.page.locator("h1").count() == 1
    complaints = [said for said in watched.complaints if not (missing and "404" in said)]
    assert complaints == []


@pytest.mark.parametrize("path", PAGES)
def test_page(path: str, shop: Site, tab: OpenTab) -> None:
    """English at the desk and, dark, on the phone; then German there and at the desk, while its figures are at hand."""
    missing = path == "/no-such-page"
    watched = tab()
    page = watched.open(_address(shop, path))
    assert page.locator("html").get_attribute("lang") == "en"
    _assert_fits(watched, missing=missing)
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("[data-theme-switch]").last.evaluate("button => button.click()")
    watched.settle()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    _assert_fits(watched, missing=missing)
    watched.speak("de")
    watched.open(_address(shop, path))
    assert page.locator("html").get_attribute("lang") == "de"
    assert not re.search(r"\{[a-z_]+\}", page.locator("body").inner_text()), "a text with an unfilled mark"
    assert watched.overflow() <= 0
    page.set_viewport_size({"width": 1440, "height": 900})
    assert watched.overflow() <= 0
    assert [said for said in watched.complaints if not (missing and "404" in said)] == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_first_run(language: str, empty_shop: Site, remembered_empty: dict, tab: OpenTab) -> None:
    watched = tab(language=language, state=remembered_empty, site=empty_shop)
    for path in ("/", "/metrics", "/metrics/revenue", "/customers"):
        watched.page.set_viewport_size({"width": 1440, "height": 900})
        watched.open(empty_shop.address + path)
        _assert_fits(watched)
        watched.page.set_viewport_size({"width": 390, "height": 844})
        _assert_fits(watched)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_sign_in(language: str, theme: str, shop: Site, tab: OpenTab) -> None:
    watched = tab(width=390, language=language, theme=theme, state={})
    page = watched.open(f"{shop.address}/sign-in")
    _assert_fits(watched)
    page.fill("[name=email]", f"{language}-{theme}@example.org")
    page.fill("[name=password]", "wrong wrong wrong")
    page.locator("form.s-stack button").click()
    assert page.locator("[role=alert]").is_visible()
    assert violations(watched) == []
