"""The flywheel by every door, on the simulated shop: the same numbers, parts that add up, everything known."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from schwung.app.analyses.flywheel import flywheel, list_from_outflow
from schwung.app.keys import create_key
from schwung.app.list_sources import list_from_filter
from schwung.app.shop import Shop
from schwung.app.wiring import Workspace, open_workspace
from schwung.cli import app
from schwung.core.errors import InputError
from schwung.web.app import create_app


@pytest.fixture(scope="module")
def shop(simulated_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A copy: keys and a list are made in it."""
    folder = tmp_path_factory.mktemp("flywheel") / "shop"
    shutil.copytree(simulated_shop, folder)
    workspace = open_workspace(folder)
    yield workspace
    workspace.store.close()


def rounded(value: Any) -> Any:
    """Sums of floats differ in their last digits by the order in which cores add them."""
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def test_one_answer_by_every_door(shop: Workspace) -> None:
    asked: dict[str, Any] = {"days": 365}
    found = rounded(flywheel(shop, **asked).to_json())
    assert rounded(Shop(shop).flywheel(**asked).to_json()) == found
    with TestClient(create_app(shop, intake=False, console=False)) as client:
        client.auth = (create_key(shop, "analyst", "read"), "")
        assert rounded(client.get("/api/v1/flywheel", params=asked).json()) == found
        chain = rounded(Shop(shop).retention_chain().to_json())
        assert rounded(client.get("/api/v1/retention-chain").json()) == chain
        loyal = list_from_filter(shop, "Loyal", kind="existing", actor="test")
        part = rounded(Shop(shop).retention_chain(list="Loyal").to_json())
        assert rounded(client.get("/api/v1/retention-chain", params={"list": loyal.list_no}).json()) == part
        assert (part["list"], part["list_name"]["de"]) == (loyal.list_no, "Loyal") and chain["list"] is None
        followed = [max((one["n"] for one in found["links"]), default=0) for found in (part, chain)]
        assert 0 < followed[0] < followed[1]
        said = CliRunner().invoke(app, ["retention-chain", "--list", "Loyal", "--json", "-w", str(shop.folder)])
        assert rounded(json.loads(said.stdout)) == part
        wrong = client.get("/api/v1/flywheel", params={"since": "2026-05-01", "until": "2026-04-01"})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "period_reversed")
    printed = CliRunner().invoke(app, ["flywheel", "--days", "365", "-w", str(shop.folder)])
    assert printed.exit_code == 0 and "2025-11-21 – 2026-11-20" in printed.output


def test_parts_add_up_on_the_simulated_shop(shop: Workspace) -> None:
    found = flywheel(shop, days=365)
    assert found.speed.estimate.value == pytest.approx(sum(part.value for part in found.speed.moves))
    for measure in (found.speed, found.weight):
        assert measure.difference is not None
        assert measure.difference.value == pytest.approx(sum(part.change or 0 for part in measure.moves), abs=1e-9)
    friction = found.friction
    assert {flow.name for flow in friction.outflows} | {lack.name for lack in friction.missing} >= {"carts", "returned"}
    assert friction.estimate.value == pytest.approx(sum(friction.lost_at(one) or 0 for one in ("attract_interact", "interact_delight", "delight_attract")))  # fmt: skip
    for flow in friction.outflows:
        assert 0 <= flow.low <= flow.amount <= flow.high
        assert flow.expected.de and flow.happened.de and flow.comparison.de


def test_those_concerned_are_saved_as_a_list(shop: Workspace) -> None:
    flow = next(one for one in flywheel(shop).friction.outflows if one.name == "carts")
    saved = list_from_outflow(shop, "carts", "Left carts", actor="test")
    assert saved.size == flow.customers > 0
    with pytest.raises(InputError) as caught:
        list_from_outflow(shop, "moods", "Moods", actor="test")
    assert caught.value.code == "unknown_outflow"
