"""After a restart a page shows what was last known, says how old it is, and asks for the new figures by itself."""

import re
from collections.abc import Iterator

import pytest

from schwung.app.access import Role
from schwung.app.fresh import forget_cached
from schwung.app.home_figures import ask_missing
from schwung.app.wiring import Workspace
from schwung.lake import prepared
from tests import cast
from tests.conftest import FrozenClock, NewWorkspace
from tests.contract.test_access_http import sign_in

LOADED = re.compile(r'hx-get="([^"]+)" hx-trigger="load"')
_COURSE = r'hx-get="(/metrics/revenue/course[^"]*)" hx-trigger="load"'


@pytest.fixture
def shop(new_workspace: NewWorkspace) -> Iterator[Workspace]:
    forget_cached()
    workspace = new_workspace()
    cast.fill(workspace)
    yield workspace
    forget_cached()


def test_the_page_of_a_metric_after_a_restart(shop: Workspace, clock: FrozenClock) -> None:
    client = sign_in(shop, "owner")

    def page() -> str:
        found = client.get("/metrics/revenue")
        assert found.status_code == 200
        return found.text

    first = re.search(_COURSE, page())
    assert first is not None and "data-spec" not in page(), "nothing is known yet"
    client.get(first[1].replace("&amp;", "&"), headers={"HX-Request": "true"})
    assert "data-spec" in page() and re.search(_COURSE, page()) is None, "at hand: nothing to load"

    cast.send(shop, [cast.order("B9", "2026-11-19 10:00", 8, user="ben")])
    cast.mirror(shop)
    clock.advance(7200)
    forget_cached()
    aged = page()
    again = re.search(_COURSE, aged)
    assert "data-spec" in aged and again is not None and re.search("2 hours ago|vor 2 Stunden", aged)
    assert client.get(again[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).status_code == 200
    renewed = page()
    assert re.search(_COURSE, renewed) is None and "s-aged" not in renewed


@pytest.mark.usefixtures("own_shelf")
def test_the_home_page_stands_whole_where_the_worker_asked_for_it(
    shop: Workspace, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(shop, "owner")
    assert LOADED.findall(client.get("/").text), "nothing is known yet"
    assert not ask_missing(shop), "the worker has just begun"
    monkeypatch.setattr("schwung.app.home_figures._WAIT", 0.0)
    monkeypatch.setattr("schwung.app.lasting.WORTH_IT", 1)
    assert ask_missing(shop) and not ask_missing(shop), "once"
    home = client.get("/").text
    assert not LOADED.findall(home) and home.count("data-spec") == 3 and "s-wheel" in home

    compiled: list[object] = []
    monkeypatch.setattr(prepared, "_made", lambda build, *_: compiled.append(build))
    by_hours: dict[int, Role] = {2: "editor", 24: "viewer"}  # this day and the next, by a server that has just started
    for hours, role in by_hours.items():
        clock.advance(hours * 3600)
        client = sign_in(shop, role)
        forget_cached()
        prepared._known.clear()
        with shop.store.write() as tx:
            tx.run("kept.drop_all")
        parts = LOADED.findall(client.get("/").text)
        assert len(parts) == 12
        for part in parts:
            found = client.get(part.replace("&amp;", "&"), headers={"HX-Request": "true"})
            assert found.status_code == 200 and not compiled
