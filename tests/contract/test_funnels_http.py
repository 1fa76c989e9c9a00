"""Funnels, paths, visits and lists as scripts use them: over HTTP, on the command line, in a notebook."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from schwung.app.keys import create_key
from schwung.app.shop import Shop
from schwung.app.wiring import Workspace
from schwung.cli import funnel as funnel_cli
from schwung.cli import lists as lists_cli
from schwung.cli import paths as paths_cli
from schwung.web.app import create_app
from tests import cast

# Anna looked in March and November and ordered within a day each time; nobody else was seen looking.
DEFINITION = {"steps": ["page_viewed", {"fact": "order", "where": [{"property": "amount", "op": "<", "value": 15}]}],
              "window": "2 days", "by": "channel"}  # fmt: skip
AGAIN = {"steps": ["order", "order"], "window": "365 days", "by": "list"}


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace]) -> Workspace:
    workspace = new_workspace()
    cast.fill(workspace)
    return workspace


@pytest.fixture
def client(shop: Workspace) -> Iterator[TestClient]:
    with TestClient(create_app(shop, intake=False, console=False)) as client:
        client.auth = (create_key(shop, "admin", "admin"), "")
        yield client


def told(app: Any, *words: str) -> Any:
    """JSON of a command. Its clock is the machine's, so `as_of` and `until` differ."""
    done = CliRunner().invoke(app, [*words, "--json"])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return json.loads(done.output)


def test_the_same_answer_everywhere(shop: Workspace, client: TestClient, tmp_path: Path) -> None:
    answer = client.post("/api/v1/funnels", json={"definition": DEFINITION}).json()
    assert [step["customers"] for step in answer["steps"]] == [1, 1]
    assert answer["steps"][1]["median_seconds"] == 600 and answer["slices"][0]["name"]["en"] == "email"
    file = tmp_path / "funnel.yaml"
    file.write_text(json.dumps(DEFINITION))
    assert Shop(shop).funnel(file).to_json() == answer
    told_steps = told(funnel_cli.app, str(file), "--workspace", str(shop.folder))
    assert (told_steps["steps"], told_steps["slices"]) == (answer["steps"], answer["slices"])
    assert Shop(shop).funnel(DEFINITION).to_pandas().customers.tolist() == [1, 1]
    number = client.post("/api/v1/funnels/saved", json={"name": "Seen", "definition": DEFINITION}).json()["number"]
    saved = client.get(f"/api/v1/funnels/{number}").json()
    assert saved["steps"] == answer["steps"] and saved["name"] == "Seen"
    assert client.delete(f"/api/v1/funnels/{number}").json() == {"number": number}
    assert client.get("/api/v1/funnels").json() == {"funnels": []}
    ways = client.get("/api/v1/paths", params={"anchor": "order_completed", "direction": "to"}).json()
    assert (
        ways["rows"] == told(paths_cli.app, "paths", "order_completed", "--to", "--workspace", str(shop.folder))["rows"]
    )
    visits = client.get("/api/v1/visits").json()
    assert (
        visits["channels"] == told(paths_cli.app, "visits", "--workspace", str(shop.folder))["channels"]
        and visits["visits"]["visits"] > 0
    )


def test_who_dropped_becomes_a_list_that_cuts(shop: Workspace, client: TestClient) -> None:
    asked = {"name": "Once", "definition": AGAIN, "step": 1}
    once = client.post("/api/v1/funnels/lists", json=asked).json()
    assert (once["size"], once["origin"]) == (2, "funnel"), "Ben and Emil; Anna and Cem ordered again"
    assert client.post("/api/v1/funnels/lists", json=asked).json()["code"] == "list_exists"
    slices = client.post("/api/v1/funnels", json={"definition": AGAIN}).json()["slices"]
    assert {one["name"]["en"]: [step["customers"] for step in one["steps"]] for one in slices} == {
        "Once": [2, 0], "in no list": [2, 2]
    }  # fmt: skip
    here = ("--workspace", str(shop.folder))
    assert told(lists_cli.app, "show", "Once", *here)["customer_ids"] == client.get(f"/api/v1/lists/{once['list_no']}").json()["customer_ids"]  # fmt: skip
    made = client.post("/api/v1/lists", json={"name": "Two", "customers": ["user_id:ben", "nobody"]}).json()
    assert (made["size"], made["unknown"]) == (1, ["nobody"])
    assert told(lists_cli.app, "rename", "Two", "One", *here)["name"] == "One"
    client.delete(f"/api/v1/lists/{made['list_no']}")
    assert [one["name"] for one in told(lists_cli.app, "ls", *here)] == ["Once"]
    assert told(lists_cli.app, "restore", str(made["list_no"]), *here)["name"] == "One"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"steps": ["order"]}, "2 to 10 steps"), ({"window": "soon"}, "like “7 days”"), ({"order": "loose"}, "in_order, strict, any"),
        ({"by": "shoe_size"}, "properties.NAME"), ({"steps": ["a", {"event": "b", "where": [{"property": "x", "op": "<", "value": "y"}]}]}, "needs a number"),
        ({"steps": ["a", {"fact": "order", "where": [{"property": "address", "op": "known"}]}]}, "has no “address”"), ({"colour": 1}, "no such entry"),
        ({"order": "any", "steps": ["a", "a"]}, "all steps differ"),
    ],
)  # fmt: skip
def test_a_wrong_definition_is_told(client: TestClient, change: dict[str, Any], why: str) -> None:
    answer = client.post("/api/v1/funnels", json={"definition": {**DEFINITION, **change}})
    assert (answer.status_code, answer.json()["code"]) == (400, "funnel_wrong") and why in answer.text
