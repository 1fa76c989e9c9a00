"""Keeps the lake quick: small files are folded into sorted ones beside the running mirror, old files are dropped."""

from collections.abc import Iterable

from schwung.app.lane import lane
from schwung.app.publish import finish_open_batch, republish
from schwung.app.wiring import Workspace


def compact_lake(workspace: Workspace, *, always: bool = False, tables: Iterable[str] | None = None) -> list[str]:
    """Fold every table where that pays; the names of those that were folded.

    The folding itself holds no lease, so that the mirror goes on; only the exchange of files does.
    always: fold everything that is not folded, for example after a large import. tables: all, if none are named.
    """
    folded = []
    for table in workspace.lake.tables if tables is None else tables:
        fold = workspace.lake.fold(table, always=always)
        if fold is None:
            continue
        with lane(workspace, "folding") as held:
            finish_open_batch(workspace, held)
            if workspace.lake.finish(fold):
                republish(workspace, held)
                workspace.lake.clean(table)
                folded.append(table)
    return folded


def clean_lake(workspace: Workspace) -> int:
    """Drop files that no reader can need any more; how many."""
    with lane(workspace, "cleaning") as held:
        finish_open_batch(workspace, held)
        republish(workspace, held)
        return sum(workspace.lake.clean(table) for table in workspace.lake.tables)
