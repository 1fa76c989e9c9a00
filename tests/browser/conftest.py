"""A browser, and two served workspaces: a simulated shop and an empty one."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from schwung.app import access, sessions
from schwung.app.process import processes
from schwung.app.wiring import Workspace, create_workspace, open_workspace
from schwung.web.console.guard import SESSION_COOKIE
from tests.served import Served, with_statements
from tests.shops import SIMULATED
from tests.waiting import until

CHROMIUM = [Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")]
"""What the machine may have, first what does less beside drawing pages."""
QUIET = (
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-default-apps", "--process-per-site",
)  # fmt: skip
KIT = Path(access.__file__).parents[1] / "web" / "kit" / ".ready"
PASSWORD = "three good words"
PATIENCE = 150_000
"""Milliseconds that a crowded machine may need."""
expect.set_options(timeout=PATIENCE)


class Site(NamedTuple):
    """A served workspace, and what the browser remembers after its first link was used."""

    workspace: Workspace
    address: str
    link: str


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the machine, else Playwright's own."""
    if not KIT.exists():
        pytest.skip("the kit is not built (make kit)")
    with sync_playwright() as playwright:
        try:
            path = next((one for one in CHROMIUM if one.exists()), None)
            launched = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        except Error:
            pytest.skip("there is no Chromium (apt install chromium, or: playwright install chromium)")
        yield launched
        launched.close()


def _serve(folder: Path, *options: str) -> Iterator[Site]:
    server = Served(with_statements(folder), *options).wait()
    try:
        # serve prints a link while nobody has a password.
        found = until(lambda: re.search(r"(http://\S+/enter/\S+)\s", server.log))
        path = "/enter/" + found.group(1).split("/enter/")[1]
        workspace = open_workspace(folder)
        if "--no-worker" not in options:
            until(lambda: [process for process in processes(workspace) if process.is_alive])
        yield Site(workspace, server.address, server.address + path)
        workspace.store.close()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory, simulated_shop: Path) -> Iterator[Site]:
    """The coffee roaster with two years of history."""
    folder = tmp_path_factory.mktemp("browser") / "shop"
    shutil.copytree(simulated_shop, folder)
    yield from _serve(folder, "--no-worker")


@pytest.fixture(scope="session")
def empty_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("browser") / "empty"
    create_workspace(folder, SIMULATED).store.close()
    yield from _serve(folder, "--no-worker")


@pytest.fixture
def remembered(shop: Site) -> dict:
    """What a browser keeps of an owner who is signed in."""
    return _signed_in(shop)


@pytest.fixture
def remembered_empty(empty_shop: Site) -> dict:
    return _signed_in(empty_shop)


def _signed_in(site: Site) -> dict:
    owner = next((one for one in access.operators(site.workspace) if one.role == "owner"), None)
    if owner is None:
        owner = access.create_operator(site.workspace, "owner@kaffeehaus.example", "owner", "Owner")
    token, _ = sessions.start_session(site.workspace, owner.operator_id, "test")
    cookie = {"name": SESSION_COOKIE, "value": token, "domain": "127.0.0.1", "path": "/", "expires": -1}
    return {"cookies": [{**cookie, "httpOnly": True, "secure": False, "sameSite": "Lax"}], "origins": []}


class Watched:
    """A tab whose complaints are collected: errors, warnings, refused by the policy, failed requests."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("response", self._note_answer)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._note_failure)

    def _note_failure(self, request: Request) -> None:
        """Aborted is what a page left behind when it was left, a stream too, and what became a download."""
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def _note_answer(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status}: {response.url}")

    def open(self, address: str) -> Page:
        self.page.goto(address)
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until every part has come and every chart is drawn; what comes when it is seen is looked at."""
        self.page.wait_for_function(
            "() => { const later = document.querySelector('.s-later'); if (later) later.scrollIntoView(); "
            "return !later && [...document.querySelectorAll('[data-spec]')].every((box) => box.querySelector('svg')); }",
            timeout=PATIENCE,
            polling=100,  # else it is asked, and the page drawn, sixty times a second
        )

    def speak(self, language: str) -> None:
        """Pages that are opened from now on are in that language."""
        origin = self.page.evaluate("location.origin")
        self.page.context.add_cookies([{"name": "schwung_language", "value": language, "url": origin}])

    def overflow(self) -> int:
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


OpenTab = Callable[..., Watched]


class Tabs:
    """Tabs of one browser. All of a site that is signed in to share one context: what was loaded once is at hand, as it
    is to people. One tab of it stays open, so that the process that draws the site lives on and knows its scripts. A tab
    that knows nobody has a context of its own."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._kept: dict[str, BrowserContext] = {}
        self._opened: list[Page] = []
        self._strange: list[BrowserContext] = []
        self._signed_in: set[str] = set()

    def open(self, site: Site, width: int, language: str, theme: str, state: dict) -> Watched:
        context = self._context(site, state)
        for name, value in (("schwung_language", language), ("schwung_theme", theme)):
            context.add_cookies([{"name": name, "value": value, "url": site.address}])
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        self._opened.append(page)
        return Watched(page)

    def _context(self, site: Site, state: dict) -> BrowserContext:
        if not state:
            context = self._browser.new_context()
            self._strange.append(context)
        else:
            if site.address not in self._kept:
                self._kept[site.address] = self._browser.new_context()
                self._kept[site.address].new_page().goto(f"{site.address}/health")
            context = self._kept[site.address]
            if site.address not in self._signed_in:  # a form knows who opened it: the session lasts for the test
                context.clear_cookies()
                context.add_cookies(state["cookies"])
                self._signed_in.add(site.address)
        context.set_default_timeout(PATIENCE)
        return context

    def close(self) -> None:
        """After a test."""
        for one in (*self._opened, *self._strange):
            one.close()
        self._opened.clear()
        self._strange.clear()
        self._signed_in.clear()


@pytest.fixture(scope="session")
def _tabs(browser: Browser) -> Tabs:
    return Tabs(browser)


@pytest.fixture
def tabs(_tabs: Tabs) -> Iterator[Tabs]:
    yield _tabs
    _tabs.close()


@pytest.fixture
def tab(tabs: Tabs, shop: Site, remembered: dict) -> OpenTab:
    """Opens tabs: `tab(width=390, language="de", theme="dark")`; `state={}` for somebody who is not signed in."""

    def make(
        width: int = 1440, language: str = "en", theme: str = "light", state: dict | None = None, site: Site = shop
    ) -> Watched:
        return tabs.open(site, width, language, theme, remembered if state is None else state)

    return make


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A workspace where data come in, with its worker; empty at first."""
    folder = tmp_path_factory.mktemp("browser") / "desk"
    create_workspace(folder, '[workspace]\nname = "Kaffeehaus"\nlanguage = "en"\n').store.close()
    yield from _serve(folder)


@pytest.fixture
def at_desk(tabs: Tabs, desk: Site) -> OpenTab:
    """Opens tabs of an owner there: `at_desk("/live", width=390, language="de", theme="dark")`."""

    def open_(
        path: str, width: int = 1440, language: str = "en", theme: str = "light", site: Site | None = None
    ) -> Watched:
        site = site or desk
        watched = tabs.open(site, width, language, theme, _signed_in(site))
        watched.open(site.address + path)
        return watched

    return open_
