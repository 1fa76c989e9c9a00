"""Lead points: rules as a file, worked out to the digit, asked by segments, told on the customer's page."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from schwung.app.consents import opt_out
from schwung.app.definitions import apply, plan
from schwung.app.lead_points import lead_points, points_json, save_lead_points
from schwung.app.predictions import of_customer, of_customers
from schwung.app.segments import preview, save_segment
from schwung.app.train import train
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.predict.points import EventRule, Points
from tests import cast
from tests.contract.test_access_http import csrf_of, sign_in
from tests.people import customer_of
from tests.web_form import Fields

FILE = """
score: lead_points
fit:
  cap: 40
  rules:
    - {points: 30, rule: {did: {event: product_added}}}
    - {points: 25, rule: {not: {did: {fact: orders}}}}
    - {points: -5, rule: {trait: {name: country, op: unknown}}}
engagement:
  cap: 60
  rules:
    - {points: 8, event: product_viewed, half_life: 7 days}
    - {points: 12, event: product_added, half_life: 1 day}
"""


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace], store_url: str, tmp_path: Path) -> Workspace:
    """Dana is no buyer yet. Now is 20 November, 13:00: she looked 7 and 14 days ago, and put aside 2 days ago."""
    workspace = new_workspace(store=store_url)
    cast.fill(workspace)
    folder = tmp_path / "definitions"
    folder.mkdir()
    (folder / "points.yaml").write_text(FILE)
    assert [(one.kind, one.state) for one in plan(workspace, folder)] == [("score", "new")]
    apply(workspace, folder, actor="test")
    assert [one.state for one in plan(workspace, folder)] == ["same"]
    view = {"product_id": "coffee", "price": 20}
    happened = [("product_viewed", "2026-11-13 13:00"), ("product_viewed", "2026-11-06 13:00"), ("product_added", "2026-11-18 13:00")]  # fmt: skip
    cast.send(workspace, [cast.track(name, at, view, user="dana") for name, at in happened])
    cast.mirror(workspace)
    return workspace


def test_points_halve_with_time_and_end_at_the_cap(shop: Workspace) -> None:
    version = train(shop, "lead_points", actor="test")
    assert version.trained is not None and version.trained.parameters == {"fit_cap": 40.0, "engagement_cap": 60.0}
    dana = customer_of(shop, "user_id", "dana")
    assert dana is not None
    told = {
        target: of_customers(shop, [dana], "lead_points", target)[dana] for target in ("points", "fit", "engagement")
    }
    assert told["fit"].value == 40, "30 + 25 and perhaps − 5 are more than the cap"
    assert told["engagement"].value == pytest.approx(8 / 2 + 8 / 4 + 12 / 4, abs=1e-9)
    assert told["points"].value == pytest.approx(49, abs=1e-9) and told["points"].label == "A4"
    (said,) = [one for one in of_customer(shop, dana) if one.model.name == "lead_points"]
    assert said.sentences[0].de.startswith("49 Punkte: 40 von 40 für Passung, 9 von 60 für Interesse (Feld A4)")
    buyers = [customer_of(shop, "user_id", who) for who in ("anna", "ben", "cem")]
    assert not of_customers(shop, [one for one in buyers if one], "lead_points", "points"), "who has bought is no lead"
    asked = {"prediction": {"model": "lead_points", "target": "points", "op": "≥", "value": 45}}
    assert preview(shop, asked).size == 1 and list(preview(shop, asked).sample) == [dana]
    assert preview(shop, {"prediction": asked["prediction"] | {"value": 50}}).size == 0


def test_who_objected_has_none(shop: Workspace) -> None:
    dana = customer_of(shop, "user_id", "dana")
    assert dana is not None
    opt_out(shop, dana, "test", topic="objection")
    train(shop, "lead_points", actor="test")
    assert of_customers(shop, [dana], "lead_points", "points") == {} and of_customer(shop, dana) == []


def test_standard_rules_hold_until_others_are_saved(workspace: Workspace) -> None:
    assert [one.event for one in lead_points(workspace).engagement][:1] == ["product_viewed"]
    save_lead_points(workspace, {"fit": {"rules": []}}, actor="test")
    assert lead_points(workspace) == Points()


def test_by_clicking(shop: Workspace) -> None:
    client = sign_in(shop, "editor")
    client.post("/language", data={"csrf": csrf_of(client), "language": "en"})
    sent = Fields(client.get("/models/lead_points/rules").text).sent | {"csrf": csrf_of(client)}
    before = points_json(lead_points(shop))
    assert client.post("/models/lead_points/rules", data=sent).headers["location"] == "/models/lead_points"
    assert points_json(lead_points(shop)) == before, "a form that is sent back changes nothing"
    save_segment(shop, "Coffee", {"did": {"event": "product_viewed"}}, actor="test")
    sent |= {"f.0.points": "", "f.3.points": "7,5", "f.3.segment": "Coffee", "e.0.half_life": "2 Tage", "fit_cap": "45"}
    wrong = client.post("/models/lead_points/rules", data=sent | {"e.1.points": "many", "e.1.event": "searched"})
    assert wrong.status_code == 200 and 'value="many"' in wrong.text and 'value="searched"' in wrong.text
    client.post("/models/lead_points/rules", data=sent)
    found = lead_points(shop)
    assert [(one.points, one.rule) for one in found.fit][2] == (7.5, {"member": "Coffee"}) and found.fit_cap == 45
    assert len(found.fit) == 3 and found.engagement[0].half_life == 2 * DAY
    train(shop, "lead_points", actor="test")
    page = client.get("/models/lead_points").text
    assert "for 1 leads" in page and "schwung backtest" not in page and "/models/lead_points/rules" in page
    assert "/models/lead_points/rules" not in sign_in(shop, "viewer").get("/models/lead_points").text


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"fits": {}}, "fits"),
        ({"fit": {"cap": 0}}, "above 0"),
        ({"fit": {"rules": [{"points": "many", "rule": {}}]}}, "numbers"),
        ({"fit": {"rules": [{"points": 1}]}}, "points, rule"),
        ({"fit": {"rules": [{"points": 1, "rule": {"member": "Nobody"}}]}}, "Nobody"),
        ({"engagement": {"rules": [{"points": 1, "event": "x", "half_life": "soon"}]}}, "half_life"),
    ],
)
def test_wrong_rules_are_told(workspace: Workspace, written: dict[str, object], why: str) -> None:
    with pytest.raises(InputError, match=why):
        save_lead_points(workspace, written, actor="test")
    assert lead_points(workspace).engagement


def test_cells_are_quarters_of_the_caps() -> None:
    points = Points((), 40.0, (EventRule(1, "x", DAY),), 60.0)
    assert [points.cell(fit, 0) for fit in (0, 9.9, 10, 20, 30, 40)] == ["D4", "D4", "C4", "B4", "A4", "A4"]
    assert [points.cell(40, done) for done in (14.9, 15, 30, 45, 60)] == ["A4", "A3", "A2", "A1", "A1"]
    assert points.capped_fit(np.array([-5.0, 50.0])).tolist() == [0.0, 40.0]
