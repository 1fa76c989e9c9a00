"""Funnels that were saved under a name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from schwung.app.lists import checked
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.funnel import Funnel


@dataclass(frozen=True, slots=True)
class SavedFunnel:
    funnel_no: int
    name: str
    funnel: Funnel
    created_by: str
    created_at: Instant
    changed_at: Instant


def saved_funnels(workspace: Workspace) -> list[SavedFunnel]:
    """By name."""
    with workspace.store.read() as tx:
        return [_read(row) for row in tx.rows("funnels.all")]


def saved_funnel(workspace: Workspace, named: int | str) -> SavedFunnel:
    """By number or name. InputError when there is none."""
    with workspace.store.read() as tx:
        number = int(named) if str(named).isdecimal() and len(str(named)) < 16 else None
        row = tx.row("funnels.one", funnel_no=number) if number is not None else None
        if row is None:
            number = tx.value("funnels.by_name", name=" ".join(str(named).split()))
            row = tx.row("funnels.one", funnel_no=number) if number is not None else None
    if row is None:
        raise InputError(
            "unknown_funnel",
            Text(
                en="There is no saved funnel “{name}”.", de="Einen gespeicherten Trichter „{name}“ gibt es nicht."
            ).fill(name=str(named)[:120]),
            Text(en="The console lists them under Funnels.", de="Die Konsole zeigt sie unter Trichter."),
        )
    return _read(row)


def save_funnel(
    workspace: Workspace, name: str, funnel: Funnel, *, number: int | None = None, actor: str
) -> SavedFunnel:
    """A new one, or another definition and name of the one with that number. InputError for an empty or taken name."""
    name = checked(name)
    text = json.dumps(replace(funnel, name="").to_json(), ensure_ascii=False)
    now = workspace.clock()
    with workspace.store.write() as tx:
        taken = tx.value("funnels.by_name", name=name)
        if taken is not None and taken != number:
            raise InputError(
                "funnel_exists",
                Text(en="A funnel named “{name}” exists.", de="Einen Trichter „{name}“ gibt es schon.").fill(name=name),
                Text(en="Choose another name.", de="Einen anderen Namen wählen."),
            )
        if number is None:
            number = tx.value("funnels.add", name=name, definition=text, created_by=actor, now=now)
        else:
            tx.run("funnels.change", funnel_no=number, name=name, definition=text, now=now)
    assert number is not None
    return saved_funnel(workspace, number)


def mark_funnel(workspace: Workspace, number: int, *, deleted: bool) -> None:
    """Delete, or take the deletion back."""
    with workspace.store.write() as tx:
        tx.run("funnels.set_deleted", funnel_no=number, deleted_at=workspace.clock() if deleted else None)


def _read(row: Mapping[str, Any]) -> SavedFunnel:
    funnel = Funnel.read(json.loads(row["definition"]) | {"name": row["name"]})
    values = {name: row[name] for name in SavedFunnel.__slots__ if name != "funnel"}
    return SavedFunnel(**values, funnel=funnel)
