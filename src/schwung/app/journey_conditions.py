"""Rules of journeys as hidden segments: kept true by the engine of segments, so that asking one is a look into a list."""

import json
from collections.abc import Mapping
from hashlib import md5

from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.segment.rule import Node

PREFIX = "condition "


def condition_name(rule: Node) -> str:
    """The same rule has the same list, whichever journey asks it."""
    text = json.dumps(rule.to_json(), ensure_ascii=False, sort_keys=True)
    return PREFIX + md5(text.encode(), usedforsecurity=False).hexdigest()


def keep_conditions(workspace: Workspace, rules: Mapping[str, Node], actor: str) -> dict[str, int]:
    """Name of each rule → the list that holds who meets it, worked out before this returns.

    InputError for a rule that names an unknown segment.
    """
    from schwung.app.segment_tick import work_out_pending
    from schwung.app.segments import check_rules

    check_rules(workspace, rules)
    found: dict[str, int] = {}
    with workspace.store.write() as tx:
        for name, rule in rules.items():
            found[name] = _list_of(tx, rule, actor, workspace.clock())
    work_out_pending(workspace)
    return found


def _list_of(tx: Transaction, rule: Node, actor: str, now: int) -> int:
    name = condition_name(rule)
    list_no = tx.value("lists.by_name", name=name)
    if list_no is None:
        basis = json.dumps({"rule": rule.to_json(), "is_pending": True}, ensure_ascii=False, sort_keys=True)
        list_no = tx.value(
            "lists.add", name=name, note="", origin="condition", basis=basis, size=0, created_by=actor, now=now
        )
    return int(list_no)


def drop_unused(workspace: Workspace) -> int:
    """Take away rules that no journey at work asks any more; how many."""
    with workspace.store.write() as tx:
        used: set[int] = set()
        for row in tx.rows("journeys.at_work"):
            used |= set(json.loads(row["conditions"]).values())
        gone = [row["list_no"] for row in tx.rows("segments.conditions") if row["list_no"] not in used]
        for list_no in gone:
            tx.run("lists.set_deleted", list_no=list_no, deleted_at=workspace.clock())
            tx.run("segments.forget_list", list_no=list_no)
            tx.run("segments.forget_members", list_no=list_no)
    return len(gone)
