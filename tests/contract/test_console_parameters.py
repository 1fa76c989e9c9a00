"""Whatever stands in an address: every page of the console answers, none breaks."""

from collections.abc import Iterator
from itertools import cycle, islice

import pytest
from fastapi.routing import APIRoute

from schwung.app.customer_list import list_customers
from schwung.app.fresh import forget_cached
from schwung.app.wiring import Workspace
from schwung.measure.metrics import METRICS
from schwung.web.console.area import areas
from tests import cast
from tests.conftest import NewWorkspace
from tests.contract.test_access_http import sign_in

WRONG = ("", "bogus", "country", "-1", "99999999999999999999", "1~2.3.4", "\x00'\"<b>", "2026-13-45")
# One metric of each shape stands for the others.
SHAPES = ("revenue", "repeat_purchase_rate", "customers_by_kind", "cohort_retention")


@pytest.fixture
def shop(new_workspace: NewWorkspace) -> Iterator[Workspace]:
    workspace = new_workspace()
    cast.fill(workspace)
    yield workspace
    forget_cached()


def _addresses(customer_id: int) -> Iterator[tuple[str, list[str]]]:
    places = {"{customer_id}": [str(customer_id)], "{name}": list(SHAPES), "{part}": ["course", "slices"]}
    for route in (route for area in areas() for route in area.router.routes):
        if not isinstance(route, APIRoute) or "GET" not in route.methods or "stream" in route.path:
            continue
        paths = [route.path]
        for mark, values in places.items():
            paths = [path.replace(mark, value) for path in paths for value in (values if mark in path else [""])]
        yield from ((path, [one.name for one in route.dependant.query_params]) for path in paths if "{" not in path)


@pytest.mark.parametrize("each", [1, pytest.param(len(WRONG), marks=pytest.mark.heavy)])
def test_no_parameter_breaks_a_page(each: int, shop: Workspace) -> None:
    """Of the wrong values one for each parameter, in turn; all of them where time does not matter."""
    client = sign_in(shop, "owner")
    values = cycle(WRONG)
    asked, broken = 0, []
    for path, names in _addresses(list_customers(shop, sort="name").rows[0]["customer_id"]):
        for name in names:
            for value in islice(values, each):
                status = client.get(path, params={name: value}).status_code
                asked += 1
                if status >= 500:
                    broken.append((path, name, value, status))
    assert asked > 50 * each and broken == []


def test_what_a_metric_does_not_have_falls_back(shop: Workspace) -> None:
    client = sign_in(shop, "owner")
    for name in {(metric.unit, metric.estimate, metric.shape): name for name, metric in METRICS.items()}.values():
        usual = client.get(f"/metrics/{name}")
        other = client.get(f"/metrics/{name}?by=country&cut=month&days=12")
        assert (usual.status_code, other.status_code) == (200, 200), name

        part = client.get(f"/metrics/{name}/course?by=country&cut=month&days=12", headers={"HX-Request": "true"})
        assert (part.status_code == 200 and "data-spec" in part.text) or "s-empty" in part.text, name
