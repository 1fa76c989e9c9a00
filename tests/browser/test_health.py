"""Health: all is well, something is wrong, it is set right; the audit log."""

import pytest
from playwright.sync_api import expect

from tests.browser.checks import assert_fits, assert_fits_everywhere
from tests.browser.conftest import OpenTab, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_an_error_is_told_and_set_right(desk: Site, at_desk: OpenTab) -> None:
    secret = desk.workspace.folder / "secret.key"
    watched = at_desk("/health-check")
    page = watched.page
    expect(page.locator(".s-finding-mark.s-error")).to_have_count(0)
    expect(page.get_by_role("button", name="Repair what is safe")).to_have_count(0)
    expect(page.get_by_role("region", name="At work")).to_contain_text("Worker")
    secret.chmod(0o644)
    page.reload()
    expect(page.locator("h1 + p")).to_have_text("Something needs a person")
    expect(page.locator(".s-finding-row", has=page.locator(".s-error"))).to_contain_text("Secret key")
    assert_fits(watched)
    page.get_by_role("button", name="Repair what is safe").click()
    expect(page.get_by_role("status")).to_contain_text("One thing was repaired.")
    expect(page.locator(".s-finding-mark.s-error")).to_have_count(0)
    assert secret.stat().st_mode & 0o077 == 0


def test_without_a_worker_it_says_so(empty_shop: Site, at_desk: OpenTab) -> None:
    page = at_desk("/health-check", language="de", site=empty_shop).page
    expect(page.get_by_role("region", name="Bei der Arbeit")).to_contain_text("Kein Arbeitsprozess läuft.")


@pytest.mark.parametrize("path", ["/health-check", "/health-check/audit"])
def test_pages(path: str, at_desk: OpenTab) -> None:
    assert_fits_everywhere(at_desk, path)
