"""Rules of the phases in a workspace: presets, saving, taking back, what is refused; figures that agree with the metrics."""

import shutil
from pathlib import Path

import pytest

from schwung.app.analyses.lifecycle import lifecycle, list_from_phase, list_from_stage, preview
from schwung.app.phase_rules import phase_rules, restore_phase_rules, rule_versions, save_phase_rules
from schwung.app.report import measure
from schwung.app.wiring import open_workspace
from schwung.core.errors import InputError
from schwung.measure.phase import Rules, preset
from schwung.measure.phases.presets import PRESETS


def test_phases_of_a_shop_by_rules_that_are_tried_saved_and_taken_back(simulated_shop: Path, tmp_path: Path) -> None:
    shutil.copytree(simulated_shop, tmp_path / "shop")
    workspace = open_workspace(tmp_path / "shop")
    found = lifecycle(workspace)
    kinds = {
        str(row.cuts["kind"]): int(row.estimate.value or 0) for row in measure(workspace, "customers_by_kind").rows
    }
    assert found.kinds.after == kinds
    for moves in (found.kinds, found.phases):
        assert sum(moves.before.values()) + moves.arrived == sum(moves.after.values()) == sum(kinds.values())
    tried = preview(workspace, {"preset": "b2b"}, dormant_after_days=30)
    assert {phase: now for phase, (now, _) in tried.phases.items()} == found.phases.after
    assert tried.phases["use"][1] > tried.phases["use"][0], "an order is used for a year in place of 90 days"
    assert tried.kinds["dormant"][1] > tried.kinds["dormant"][0]
    assert phase_rules(workspace).version_no == 0, "a preview saves nothing"

    first = save_phase_rules(workspace, {"preset": "b2b"}, actor="operator:1")
    assert phase_rules(workspace).rules == preset("b2b")
    assert lifecycle(workspace).phases.after == {phase: then for phase, (_, then) in tried.phases.items()}
    assert save_phase_rules(workspace, preset("b2b"), actor="operator:1") == first, "nothing changed, no new version"
    restore_phase_rules(workspace, 0, actor="operator:1")
    assert phase_rules(workspace).rules == preset("b2c_shop") and len(rule_versions(workspace)) == 2
    assert list_from_phase(workspace, "use", "They use it", actor="operator:1").size == found.phases.after["use"]
    with pytest.raises(InputError, match="no stage"):
        list_from_stage(workspace, "dreaming", "Dreamers", actor="operator:1")
    workspace.store.close()


def test_every_preset_can_be_read_back_and_wrong_rules_are_named() -> None:
    for name in PRESETS:
        rules = preset(name)
        assert Rules.read(rules.to_json()) == rules and all(rule.text.de for rule in rules.rules)
    for written, said in (
        ({"preset": "moon"}, "no preset"),
        ({"rules": []}, "no rules"),
        ({"rules": [{"phase": "sleep", "fact": "cart"}]}, "rule 1 has no known phase"),
        ({"rules": [{"phase": "buy", "fact": "cart", "unless": ["rain"]}]}, "no fact “rain”"),
        ({"rules": [{"phase": "buy", "fact": "cart", "days": 0}]}, "rule 1: days"),
        ({"rules": [{"phase": "buy", "fact": "cart"}], "otherwise": "rest"}, "no phase “rest”"),
    ):
        with pytest.raises(InputError, match=said):
            Rules.read(written)
