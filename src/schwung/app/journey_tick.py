"""One beat of all journeys: listen, let in and out, move who is due. State is the queue: after a crash the next beat goes on."""

from collections.abc import Callable

from schwung.app.hear import hear
from schwung.app.journey_moves import end, move_due
from schwung.app.journey_react import react
from schwung.app.journeys import SavedJourney, is_everything_stopped, read_row
from schwung.app.lane import lease, suppress_held
from schwung.app.wiring import Workspace

LEASE = "journeys"


def tick(workspace: Workspace, may_go_on: Callable[[], bool] = lambda: True) -> bool:
    """True when something was done. Several workers: one listens, all of them move.

    A journey that names what is gone rests: nobody enters or moves; what can be read of its goal and exits still acts.
    """
    with workspace.store.read() as tx:
        known = [read_row(row) for row in tx.rows("journeys.at_work")]
    if not known:
        return False
    found = False
    with suppress_held(), lease(workspace, LEASE, "journeys", wait=0):
        found = _bring_together(workspace, known)
        found = hear(workspace, known) or found
        found = react(workspace, known) or found
    with workspace.store.read() as tx:
        if is_everything_stopped(tx):
            return found
    return (
        move_due(workspace, [one for one in known if one.state == "live" and not one.journey.lapsed], may_go_on) > 0
        or found
    )


def _bring_together(workspace: Workspace, known: list[SavedJourney]) -> bool:
    """After a merge: of two ways of one customer through a journey the one that began first goes on, the other ends.

    Journeys in which several ways may stand side by side keep them.
    """
    with workspace.store.read() as tx:
        after, upto = tx.value("store.counter", name="journeys_move") or 0, tx.value("journeys.last_move")
    if upto <= after:
        return False
    now, single = workspace.clock(), {one.journey_no: one for one in known if one.journey.re_entry != "each"}
    with workspace.store.write() as tx:
        if not tx.run("journeys.move_cursor", name="journeys_move", after=after, upto=upto):
            return False
        rows = tx.tuples("journeys.brought_together", journeys=list(single), after=after, upto=upto)
        for number, one in single.items():
            end(workspace, tx, one, [row[:3] for row in rows if row[3] == number], "stopped", "merged", now)
    return bool(rows)
