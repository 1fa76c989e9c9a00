"""What every page must pass: no complaint of the browser, no sideways scroll, WCAG 2.2 AA; both themes, desk and phone."""

import base64
import json
import re
import urllib.request
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.conftest import OpenTab, Site, Watched

AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "iframes": False,  # they are drawn apart and know nothing of axe
    "resultTypes": ["violations"],  # what is well need not be described: a third of the time
}
ROWS = "tbody tr:nth-child(n + 9)"
"""From the ninth on a table's rows are as the ones before: to look at each of hundreds takes most of the time."""
MENU = ".s-nav-side"
"""The same on all pages of a site: looked at once in each language, theme and width."""
_seen: set[tuple[str, ...]] = set()
SWITCH = "button => button.click()"


def violations(watched: Watched) -> list[str]:
    """Of WCAG 2.2 AA."""
    has_axe, *looks = watched.page.evaluate(
        "() => { const { lang, dataset } = document.documentElement; "
        "return ['axe' in window, location.host, lang, String(dataset.bsTheme), String(innerWidth)]; }"
    )
    if not has_axe:  # it stays until the page is left
        watched.page.evaluate(AXE_SCRIPT)
    left_out = [[ROWS], [MENU]] if tuple(looks) in _seen else [[ROWS]]
    if watched.page.locator(MENU).count():
        _seen.add(tuple(looks))
    given = [{"exclude": left_out}, AXE]
    found = watched.page.evaluate("async given => (await axe.run(...given)).violations", given)
    return [
        f"{one['id']}: {node['target']} {node['html'][:200]} {node.get('failureSummary', '')}"
        for one in found
        for node in one["nodes"]
    ]


def assert_fits(watched: Watched) -> None:
    """As it stands now."""
    assert violations(watched) == []
    assert watched.page.locator("h1").count() == 1
    text = watched.page.locator("main").inner_text()
    assert not re.search(r"\{[a-z_]+\}|Undefined|Text\(", text), "a text with an unfilled mark"
    _has_room(watched)


def assert_fits_everywhere(at_desk: OpenTab, path: str, site: Site | None = None) -> None:
    """English at the desk in light and dark, and on the phone; German on the phone and at the desk."""
    watched = at_desk(path, site=site)
    assert_fits(watched)
    watched.page.set_viewport_size({"width": 390, "height": 844})
    _has_room(watched)
    watched = at_desk(path, site=site, language="de", theme="dark", width=390)
    assert_fits(watched)
    watched.page.set_viewport_size({"width": 1440, "height": 900})
    _has_room(watched)


def _has_room(watched: Watched) -> None:
    assert watched.overflow() <= 0, (watched.page.url, watched.overflow())
    complaints = [said for said in watched.complaints if "rejects.csv" not in said]
    assert not complaints, complaints


def send(site: Site, key: str, body: dict[str, Any], path: str = "/v1/track") -> None:
    """Post to the intake as a client does."""
    basic = base64.b64encode(f"{key}:".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {basic}"}
    request = urllib.request.Request(site.address + path, json.dumps(body).encode(), headers)
    urllib.request.urlopen(request, timeout=60).close()
