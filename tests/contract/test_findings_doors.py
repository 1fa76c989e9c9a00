"""Findings, boards, alerts, annotations and the monthly report by every door, on the simulated shop."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from schwung.app.alerts import add_alert, alerts, annotate, annotations, check_alerts, mark_annotation, raised_count
from schwung.app.analyses.diagnosis import diagnose, series
from schwung.app.analyses.flywheel import scope_of
from schwung.app.analyses.journey_map import cached_journey_map
from schwung.app.boards import Aim, add_board, add_tile, boards, mark_board, read_board
from schwung.app.facts import open_facts
from schwung.app.finding_rules import finding_rules, set_finding_rule
from schwung.app.keys import create_key
from schwung.app.shop import Shop
from schwung.app.wiring import Workspace, open_workspace
from schwung.cli import app
from schwung.core.clock import HOUR
from schwung.core.errors import InputError
from schwung.core.period import day_of, start_of
from schwung.measure.diagnosis.rule import SERIES
from schwung.measure.diagnosis.rules import RULES
from schwung.measure.inference import Estimate
from schwung.measure.rolling import Windows
from schwung.measure.scope import Scope
from schwung.web.app import create_app
from tests.people import mirror


@pytest.fixture(scope="module")
def shop(simulated_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A copy: rules, boards and notes are made in it."""
    folder = tmp_path_factory.mktemp("findings") / "shop"
    shutil.copytree(simulated_shop, folder)
    workspace = open_workspace(folder)
    yield workspace
    workspace.store.close()


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def test_one_answer_by_every_door_and_thresholds_are_the_users(shop: Workspace) -> None:
    set_finding_rule(shop, "clv_cac", is_on=True, threshold=20.0, actor="test")
    set_finding_rule(shop, "concentration", is_on=True, threshold=0.001, actor="test")
    found = Shop(shop).diagnose()
    said = {one.rule for one in found.findings}
    assert {"clv_cac", "concentration"} <= said
    amounts = [one.money.amount for one in found.findings if one.money]
    assert amounts == sorted(amounts, reverse=True) and [one.rank for one in found.findings] == [*range(1, len(found.findings) + 1)]  # fmt: skip
    for one in found.findings:
        assert one.claim.de and one.evidence and (one.money or one.unpriced) and one.action.text.de
        if one.money and one.money.low is not None and one.money.high is not None:
            assert one.money.low <= one.money.amount <= one.money.high
    with TestClient(create_app(shop, intake=False, console=False)) as client:
        client.auth = (create_key(shop, "analyst", "read"), "")
        assert rounded(client.get("/api/v1/findings").json()) == rounded(found.to_json())
    set_finding_rule(shop, "concentration", is_on=False, threshold=0.1, actor="test")
    assert "concentration" not in {one.rule for one in diagnose(shop).findings}
    assert next(one for one in finding_rules(shop) if one.rule.name == "concentration").is_own
    with pytest.raises(InputError, match="outside"):
        set_finding_rule(shop, "clv_cac", is_on=True, threshold=900, actor="test")


def test_series_compiled_once_are_those_of_every_moment_of_the_day(shop: Workspace) -> None:
    rules = [one for one in RULES if one.series]
    found = []
    with open_facts(shop) as newest:
        night = start_of(day_of(newest.as_of, newest.zone), newest.zone)
        for hours in (20, 10, 1):
            facts = replace(newest, as_of=night - hours * HOUR)
            scope, period = scope_of(facts, 28, None, None)
            windows = Windows.of(period)

            def build(scope: Scope, windows: Windows = windows) -> ir.Table:
                parts = (one.series(scope, windows).mutate(rule=ibis.literal(one.name)) for one in rules if one.series)
                return ibis.union(*(part.select(*SERIES) for part in parts)).order_by(SERIES)

            found.append(series(facts, scope, ["all"], build).to_pylist())
            assert found[-1] == facts.run(build(scope)).to_pylist()
    assert len(found[0]) > 1_000 and found[0] != found[2]


def test_boards_hold_targets_and_alerts_stand_while_their_condition_holds(shop: Workspace) -> None:
    board = add_board(shop, " Team  Delight ", actor="test")
    add_tile(shop, board.board_no, "nps", Aim(40, "", "2026-12-31", 1))
    with pytest.raises(InputError):
        add_tile(shop, board.board_no, "growth_accounting")
    (tile,) = read_board(shop, board.board_no).tiles
    assert (tile.direction, tile.due_on) == ("at_least", "2026-12-31") and board.name == "Team Delight"
    standings = [tile.standing(Estimate(50, low, high, 9)) for low, high in ((45, 55), (30, 39), (35, 60))]
    assert standings == ["reached", "not_reached", "open"]
    mark_board(shop, board.board_no, deleted=True)
    assert boards(shop) == []
    add_alert(shop, "orders", "below", 1e9, actor="test")
    add_alert(shop, "orders", "above", 1e9, actor="test")
    with open_facts(shop) as facts:
        before = facts.as_of
    assert check_alerts(shop) == 1 == raised_count(shop)
    assert [(one.is_raised, one.direction) for one in alerts(shop)] == [(True, "below"), (False, "above")]
    assert check_alerts(shop) == 1
    mirror(shop)
    with open_facts(shop) as facts:
        assert facts.as_of == before, "what schwung does makes old data no newer"
        events = facts.table("events")
        rows = facts.run(events.filter(events.name == "alert_raised").select("properties", "source")).to_pylist()
    assert len(rows) == 1 and rows[0]["source"] == "schwung"
    assert json.loads(rows[0]["properties"]) | {"value": 0} == {
        "alert_no": 1, "metric": "orders", "direction": "below", "bound": 1e9, "value": 0, "days": 28,
    }  # fmt: skip


def test_boards_by_command_line_http_and_notebook_say_the_same(shop: Workspace) -> None:
    def said(*words: str) -> Any:
        done = CliRunner().invoke(app, [*words, "-w", str(shop.folder), "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    number = said("board", "create", "Growth")["board_no"]
    said("board", "add", "Growth", "repeat_purchase_rate", "--target", "25%", "--due", "2026-12-31")
    lower = said("board", "add", str(number), "churn_rate", "--target", "0.1")
    assert lower["direction"] == "at_most" and lower["due_on"] is None
    assert (
        said("board", "set", "Growth", str(lower["tile_no"]), "--target", "5%", "--aim", "at_least")["target"] == 0.05
    )
    shown = said("board", "show", "Growth")
    first, second = shown["tiles"]
    assert (first["target"], first["due_on"], first["unit"]) == (0.25, "2026-12-31", "share")
    assert first["low"] <= first["value"] <= first["high"] and first["before"] is not None
    assert first["standing"] == (
        "reached" if first["low"] >= 0.25 else "not_reached" if first["high"] < 0.25 else "open"
    )
    assert first["value"] == pytest.approx(Shop(shop).measure("repeat_purchase_rate").rows[0].estimate.value)
    assert rounded(Shop(shop).board("Growth").to_json()) == rounded(shown)
    with TestClient(create_app(shop, intake=False, console=False)) as client:
        client.auth = (create_key(shop, "board reader", "read"), "")
        assert rounded(client.get(f"/api/v1/boards/{number}").json()) == rounded(shown)
        assert [one["name"] for one in client.get("/api/v1/boards").json()["boards"]] == ["Growth"]
        assert client.post("/api/v1/boards", json={"name": "Mine"}).status_code == 403
        client.auth = (create_key(shop, "board keeper", "admin"), "")
        assert client.delete(f"/api/v1/boards/{number}/tiles/{second['tile_no']}").json()["tiles"] == [
            one.to_json() for one in read_board(shop, number).tiles
        ]
        assert client.put(f"/api/v1/boards/{number}", json={"name": "Base"}).json()["name"] == "Base"
        alert = client.post("/api/v1/alerts", json={"metric": "nps", "direction": "below", "bound": 30}).json()
        assert said("alert", "delete", str(alert["alert_no"])) == {"alert_no": alert["alert_no"]}
        assert client.delete(f"/api/v1/alerts/{alert['alert_no']}").status_code in (400, 404)
        assert client.delete(f"/api/v1/boards/{number}").json() == {"board_no": number}
        assert client.get(f"/api/v1/boards/{number}").json()["code"] == "unknown_board"
    assert said("board", "restore", str(number))["name"] == "Base"
    assert said("alert", "restore", str(alert["alert_no"]))[0]["bound"] == 30
    said("board", "delete", "Base")


def test_the_month_as_a_pdf(shop: Workspace, tmp_path: Path) -> None:
    annotate(shop, "2026-10-12", "New roast", actor="test")
    assert [one.text_de for one in annotations(shop)] == ["New roast"]
    out = tmp_path / "report.pdf"
    asked = ["report", "--month", "2026-10", "--language", "de", "--out", str(out), "-w", str(shop.folder)]
    assert CliRunner().invoke(app, asked).exit_code == 0
    assert out.read_bytes().startswith(b"%PDF") and out.stat().st_size > 20_000
    with pytest.raises(InputError, match="no phase"):
        annotate(shop, "2026-10-13", "New bag", phase="sleep", actor="test")
    annotate(shop, "2026-11-13", "New bag", "Neue Tüte", phase="use", actor="test")
    shown = cached_journey_map(shop).value
    assert [(one.text.de, one.phase) for one in shown.notes] == [("Neue Tüte", "use")], (
        "of its days; the other is older"
    )
    mark_annotation(shop, annotations(shop)[0].annotation_no, deleted=True)
    assert not cached_journey_map(shop).value.notes, "at once, though the map is at hand"
    mark_annotation(shop, annotations(shop)[0].annotation_no, deleted=True)
    assert annotations(shop) == []
    told = Shop(shop).report("2026-10", "de").to_json()
    assert (
        told["label"] == "2026-10"
        and "Oktober 2026" in told["title"]
        and "Schwungrad" in [one["title"] for one in told["chapters"]]
    )
    days = Shop(shop).report(since="2026-10-05", until="2026-11-02").to_json()
    assert days["label"] == "2026-10-05_2026-11-02" and "5 October 2026 to 2 November 2026" in days["title"]
    wrong = CliRunner().invoke(app, ["report", "--month", "October", "-w", str(shop.folder)])
    assert wrong.exit_code != 0
