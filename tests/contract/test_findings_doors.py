"""Findings, boards, alerts, annotations and the monthly report by every door, on the simulated shop."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from schwung.app.alerts import add_alert, alerts, annotate, annotations, check_alerts, mark_annotation, raised_count
from schwung.app.analyses.diagnosis import diagnose
from schwung.app.boards import add_board, add_tile, boards, mark_board, read_board
from schwung.app.finding_rules import finding_rules, set_finding_rule
from schwung.app.keys import create_key
from schwung.app.shop import Shop
from schwung.app.wiring import Workspace, open_workspace
from schwung.cli import app
from schwung.core.errors import InputError
from schwung.measure.inference import Estimate
from schwung.web.app import create_app


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
    found = diagnose(shop)
    said = {one.rule for one in found.findings}
    assert {"clv_cac", "concentration"} <= said
    amounts = [one.money.amount for one in found.findings if one.money]
    assert amounts == sorted(amounts, reverse=True) and [one.rank for one in found.findings] == [*range(1, len(found.findings) + 1)]  # fmt: skip
    for one in found.findings:
        assert one.claim.de and one.evidence and (one.money or one.unpriced) and one.action.text.de
        if one.money and one.money.low is not None and one.money.high is not None:
            assert one.money.low <= one.money.amount <= one.money.high
    assert rounded(Shop(shop).diagnose().to_json()) == rounded(found.to_json())
    with TestClient(create_app(shop, intake=False, console=False)) as client:
        client.auth = (create_key(shop, "analyst", "read"), "")
        assert rounded(client.get("/api/v1/findings").json()) == rounded(found.to_json())
    set_finding_rule(shop, "concentration", is_on=False, threshold=0.1, actor="test")
    assert "concentration" not in {one.rule for one in diagnose(shop).findings}
    assert next(one for one in finding_rules(shop) if one.rule.name == "concentration").is_own
    with pytest.raises(InputError, match="outside"):
        set_finding_rule(shop, "clv_cac", is_on=True, threshold=900, actor="test")


def test_boards_hold_targets_and_alerts_stand_while_their_condition_holds(shop: Workspace) -> None:
    board = add_board(shop, " Team  Delight ", actor="test")
    add_tile(shop, board.board_no, "nps", target=40, due_on="2026-12-31", owner_id=1)
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
    assert check_alerts(shop) == 1 == raised_count(shop)
    assert [(one.is_raised, one.direction) for one in alerts(shop)] == [(True, "below"), (False, "above")]


def test_the_month_as_a_pdf(shop: Workspace, tmp_path: Path) -> None:
    annotate(shop, "2026-10-12", "New roast", actor="test")
    assert [one.text_de for one in annotations(shop)] == ["New roast"]
    out = tmp_path / "report.pdf"
    asked = ["report", "--month", "2026-10", "--language", "de", "--out", str(out), "-w", str(shop.folder)]
    assert CliRunner().invoke(app, asked).exit_code == 0
    assert out.read_bytes().startswith(b"%PDF") and out.stat().st_size > 20_000
    mark_annotation(shop, annotations(shop)[0].annotation_no, deleted=True)
    assert annotations(shop) == []
    wrong = CliRunner().invoke(app, ["report", "--month", "October", "-w", str(shop.folder)])
    assert wrong.exit_code != 0
