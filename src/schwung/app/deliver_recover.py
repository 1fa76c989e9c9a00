"""Tidies up after senders that are gone: what is certain goes on, what is not is held as unknown."""

from collections.abc import Collection

from schwung.act.channel import Sent
from schwung.app.claim import Claimed
from schwung.app.flight_log import Left, drop_log, read_log
from schwung.app.lane import is_gone
from schwung.app.log import log
from schwung.app.message_close import close
from schwung.app.ports import Transaction
from schwung.app.process import SILENT_AFTER
from schwung.app.wiring import Workspace


def recover(workspace: Workspace, sender: str) -> None:
    """Claims of senders that ended or are silent, and those that a failed round of this one left."""
    with workspace.store.read() as tx:
        claimers = {row["claimed_by"] for row in tx.rows("messages.claimers")}
        rows = tx.rows("work.processes") if claimers else []
    now = workspace.clock()
    alive = {
        row["process_id"]
        for row in rows
        if row["process_id"] != sender and now - row["beat_at"] < SILENT_AFTER and not is_gone(row["place"], row["pid"])
    }
    gone = claimers - alive
    if not gone:
        return
    left = {one: found for one in gone if (found := read_log(workspace, one)) and (one == sender or found.is_final)}
    with workspace.store.write() as tx:
        _settle(workspace, tx, left)
        lost = tx.run("messages.lost", alive=sorted(alive), now=now)
    for one in left:
        if one != sender:
            drop_log(workspace, one)
    if lost:
        log("messages_recovered", level="warning", messages=lost)


def _settle(workspace: Workspace, tx: Transaction, left: dict[str, Left]) -> None:
    """By the logs: what was answered is closed; what was not begun, or refused, was not taken and is as if never called."""
    by_token: dict[int, list[int]] = {}
    untaken: list[int] = []
    for row in tx.rows("messages.called_by", senders=sorted(left)):
        said, key = left[row["claimed_by"]], (row["claim_token"], row["message_no"])
        if said.answered.get(key) is not None:
            by_token.setdefault(key[0], []).append(key[1])
        elif key in said.answered or key not in said.begun:
            untaken.append(key[1])
    answered = {
        key: provider for one in left.values() for key, provider in one.answered.items() if provider is not None
    }
    for token, numbers in by_token.items():
        rows = tx.rows("messages.claimed", token=token)
        close(workspace, tx, token, _taken(rows, token, numbers, answered))
    if untaken:
        tx.run("messages.uncall", numbers=untaken)


def _taken(
    rows: list[dict[str, object]], token: int, numbers: Collection[int], answered: dict[tuple[int, int], str]
) -> list[tuple[Claimed, Sent]]:
    found = [Claimed(**row) for row in rows if row["message_no"] in numbers]  # type: ignore[arg-type]
    return [(one, Sent(answered[token, one.message_no])) for one in found]
