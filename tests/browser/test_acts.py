"""What people do in the console, with mouse and keyboard."""

import pytest
from playwright.sync_api import Page, expect

from schwung.app import access
from schwung.app.boards import Aim, add_board, add_tile
from schwung.app.customer_list import list_customers
from schwung.web.console.guard import SESSION_COOKIE
from tests.browser.conftest import PASSWORD, OpenTab, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def _ids(site: Site, count: int) -> list[int]:
    rows = list_customers(site.workspace, kind="existing", sort="name", limit=count).rows
    return [row["customer_id"] for row in rows]


def test_from_the_first_link_to_a_password(shop: Site, tab: OpenTab) -> None:
    """A link signs in once; then the account gets e-mail and password, and the way in is the form."""
    link = access.one_time_link(shop.workspace)
    if link is None:
        pytest.fail("nobody should have a password yet")
    watched = tab(state={})
    page = watched.open(shop.address + link)
    assert page.url == f"{shop.address}/"
    expect(page.get_by_role("heading", level=1)).to_have_text("Flywheel")
    page.goto(f"{shop.address}/account")
    page.fill("[name=name]", "Maria Lehner")
    page.fill("[name=email]", "maria@kaffeehaus.example")
    page.get_by_role("button", name="Save details").click()
    expect(page.get_by_role("status")).to_contain_text("Details saved.")
    page.fill("[name=new]", PASSWORD)
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("status")).to_contain_text("Password saved")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.goto(f"{shop.address}/customers")
    assert "/sign-in?next=%2Fcustomers" in page.url
    for password, wait in (("not this one at all", False), (PASSWORD, True)):
        page.fill("[name=email]", "maria@kaffeehaus.example")
        page.fill("[name=password]", password)
        page.get_by_role("button", name="Sign in").click()
        if wait:
            page.wait_for_url("**/customers")
        else:
            expect(page.get_by_role("alert")).to_contain_text("4 tries left")
    assert {cookie["httpOnly"] for cookie in page.context.cookies() if cookie["name"] == SESSION_COOKIE} == {True}
    assert access.one_time_link(shop.workspace) is None, "no link any more"


@pytest.fixture
def owner(tab: OpenTab) -> Page:
    return tab().page


def test_the_keyboard_alone_finds_a_metric(shop: Site, owner: Page) -> None:
    owner.goto(f"{shop.address}/account")
    owner.keyboard.press("Tab")
    assert owner.evaluate("document.activeElement.className") == "s-skip"
    owner.keyboard.press("Enter")
    assert owner.evaluate("document.activeElement.id") == "main"
    owner.keyboard.press("/")
    expect(owner.locator("#find")).to_be_visible()
    owner.keyboard.press("Escape")
    expect(owner.locator("#find")).to_be_hidden()
    owner.keyboard.press("/")
    owner.keyboard.type("repeat")
    expect(owner.locator("#find-results a").first).to_contain_text("Repeat purchase rate")
    owner.keyboard.press("ArrowDown")
    owner.keyboard.press("Enter")
    owner.wait_for_url("**/metrics/repeat_purchase_rate")


def test_a_slash_in_a_field_is_a_slash(shop: Site, owner: Page) -> None:
    owner.goto(f"{shop.address}/account")
    owner.locator("[name=name]").fill("")
    owner.locator("[name=name]").press("/")
    expect(owner.locator("#find")).to_be_hidden()
    assert owner.locator("[name=name]").input_value() == "/"


def test_merging_is_undone_from_the_toast(shop: Site, owner: Page) -> None:
    stays, goes = sorted(_ids(shop, 2))
    owner.goto(f"{shop.address}/customers/{stays}")
    before = owner.locator(".s-tile").first.inner_text()
    owner.locator(".s-actions summary").click()
    owner.get_by_role("button", name="Merge customers").first.click()
    owner.fill("[name=other]", f"customer:{goes}")
    owner.get_by_role("button", name="Merge customers").last.click()
    expect(owner.get_by_role("status")).to_contain_text(f"Merged with {goes}.")
    expect(owner.get_by_text("Merged by hand with")).to_be_visible()
    owner.get_by_role("button", name="Undo").click()
    expect(owner.get_by_role("status")).to_contain_text("Separated again")
    assert owner.locator(".s-tile").first.inner_text() == before
    owner.goto(f"{shop.address}/customers/{goes}")
    assert owner.locator("h1").count() == 1 and owner.url.endswith(str(goes))


def test_a_person_is_exported_and_erased(shop: Site, owner: Page) -> None:
    person = _ids(shop, 3)[2]
    owner.goto(f"{shop.address}/customers/{person}")
    owner.locator(".s-actions summary").click()
    with owner.expect_download() as download:
        owner.get_by_role("button", name="Export everything").click()
    assert download.value.suggested_filename == f"customer-{person}.zip"
    owner.goto(f"{shop.address}/customers/{person}")
    owner.locator(".s-actions summary").click()
    owner.get_by_role("button", name="Erase the person").click()
    button = owner.get_by_role("button", name="Erase for good")
    expect(button).to_be_disabled()
    owner.fill("#erase [name=confirmation]", str(person) + "0")
    expect(button).to_be_disabled()
    owner.fill("#erase [name=confirmation]", str(person))
    button.click()
    owner.wait_for_url("**/customers")
    expect(owner.get_by_role("status")).to_contain_text("Erased:")


def test_charts_give_csv_and_png(shop: Site, owner: Page) -> None:
    owner.goto(f"{shop.address}/metrics/revenue")
    owner.wait_for_function("() => document.querySelector('[data-spec] svg')")
    for name, ending in (("CSV", ".csv"), ("PNG", ".png")):
        with owner.expect_download() as download:
            owner.locator(".s-card").first.get_by_text(name, exact=True).click()
        assert download.value.suggested_filename.endswith(ending)
        assert download.value.path().stat().st_size > 200
    assert owner.locator("[data-spec]").first.get_attribute("aria-label")


def test_charts_take_the_colors_of_the_theme(shop: Site, owner: Page) -> None:
    owner.goto(f"{shop.address}/metrics/revenue")
    owner.wait_for_function("() => document.querySelector('[data-spec] svg')")
    line = "() => [...document.querySelectorAll('[data-spec] path')].map((one) => one.getAttribute('stroke')).join()"
    light = owner.evaluate(line)
    owner.locator(".s-nav-side [data-theme-switch]").click()
    owner.wait_for_function(f"(before) => ({line})() !== before", arg=light)
    assert "#0E6478" in light and "#57B8CC" in owner.evaluate(line)


def test_the_phone_has_the_whole_menu(shop: Site, owner: Page) -> None:
    owner.set_viewport_size({"width": 390, "height": 844})
    owner.goto(f"{shop.address}/account")
    expect(owner.locator(".s-nav-side")).to_be_hidden()
    owner.get_by_role("button", name="Menu").click()
    owner.locator("#menu").get_by_role("link", name="Customers").click()
    owner.wait_for_url("**/customers")


def test_tables_sort_and_page_by_key(shop: Site, owner: Page) -> None:
    owner.goto(f"{shop.address}/customers?sort=revenue")
    first = owner.locator("tbody tr").first.inner_text()
    expect(owner.locator("th[aria-sort=descending]")).to_contain_text("Revenue")
    owner.get_by_role("link", name="Next", exact=True).click()
    expect(owner.get_by_text("26 – 50 of")).to_be_visible()
    assert owner.locator("tbody tr").first.inner_text() != first
    owner.get_by_role("link", name="Back", exact=True).click()
    expect(owner.get_by_text("1 – 25 of")).to_be_visible()
    assert owner.locator("tbody tr").first.inner_text() == first


def test_a_board_is_renamed_and_its_target_changed(shop: Site, owner: Page) -> None:
    board = add_board(shop.workspace, "Team", actor="test")
    add_tile(shop.workspace, board.board_no, "repeat_purchase_rate", Aim(0.25))
    owner.goto(f"{shop.address}/boards/{board.board_no}")
    owner.get_by_role("button", name="Rename").click()
    owner.fill("#rename [name=name]", "Loyalty")
    owner.locator("#rename").get_by_role("button", name="Save").click()
    expect(owner.get_by_role("heading", level=1)).to_have_text("Loyalty")
    owner.get_by_role("button", name="Target Repeat purchase rate").click()
    target = owner.get_by_role("dialog").locator("[name=target]")
    assert target.input_value() == "25"
    target.fill("12.5")
    owner.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(owner.get_by_text("Target: at least 12.5%")).to_be_visible()
