"""Personas of the simulated shop: found, kept through the next run, cut by, without people who objected."""

import shutil
from pathlib import Path

from schwung.app.consents import opt_out
from schwung.app.facts import open_facts
from schwung.app.lane import lease
from schwung.app.lists import read_list
from schwung.app.personas import ask_for_personas, find_due_personas, find_personas, personas, rename_persona
from schwung.app.report import measure
from schwung.app.wiring import open_workspace


def test_personas_of_a_shop(simulated_shop: Path, tmp_path: Path) -> None:
    workspace = open_workspace(Path(shutil.copytree(simulated_shop, tmp_path / "shop")))
    assert not find_due_personas(workspace), "nobody asked"
    found = find_personas(workspace, actor="cli:test")
    assert found.remark is None and len(found.personas) >= 2
    assert sum(one.list.size for one in found.personas) == found.customers
    assert abs(sum(one.revenue_share for one in found.personas) - 1) < 1e-9
    by_persona = measure(workspace, "orders", by="persona").rows
    assert {row.cuts["persona"] for row in by_persona} >= {str(one.list.list_no) for one in found.personas}
    assert all(row.cuts["list"] == "no list" for row in measure(workspace, "orders", by="list").rows)

    own = found.personas[0].list
    assert own.name == own.title.en != own.title.de, "stored in the workspace's language, shown in both"
    assert read_list(workspace, own.title.de).list_no == own.list_no
    rename_persona(workspace, own.list_no, own.title.de, "Seen in German", actor="cli:test")
    assert read_list(workspace, own.list_no).title == own.title, "only the note is somebody's"
    rename_persona(workspace, own.list_no, "Our best", "They come on Saturdays.", actor="cli:test")
    with open_facts(workspace) as facts:
        rows = facts.table("memberships", customer=True)
        someone = facts.run(rows.filter(rows["segment_id"] == own.list_no))["customer_id"][0].as_py()
    opt_out(workspace, someone, "cli:test", topic="objection")
    again = find_personas(workspace, actor="cli:test")
    assert again.customers == found.customers - 1
    assert {one.list.list_no for one in again.personas} == {one.list.list_no for one in found.personas}
    kept = next(one for one in again.personas if one.list.list_no == own.list_no)
    assert kept.list.title.de == "Our best" and len(kept.sizes) == 2
    assert not find_due_personas(workspace), "the next run is due in a week"
    assert personas(workspace).to_json()["personas"][0]["text"]["de"]
    ask_for_personas(workspace, actor="op:1")
    with lease(workspace, "personas"):
        assert not find_due_personas(workspace), "another process is finding them"
    workspace.store.close()
