"""Openings and clicks: kept as they come, told as events of the person once it is clear that it was one (§ 25 TDDDG: if they agreed)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from schwung.act.machines import Seen, judge
from schwung.act.tracking import PICTURE, Touch, read
from schwung.app import law
from schwung.app.message_events import Fate, tell
from schwung.app.ports import Row
from schwung.app.wiring import Workspace
from schwung.core.clock import MINUTE, SECOND

SETTLES = 12 * SECOND
"""So long after the last request of a message it is judged: scanners come in swarms."""
_LONGEST = MINUTE
_AGENT_CHARACTERS = 200
_MOST = 2_000


def where(workspace: Workspace, token: str) -> Touch | None:
    """What a token says; None for one that is not ours."""
    return read(workspace.secret, token)


def note_touch(workspace: Workspace, touch: Touch, agent: str, *, is_head: bool = False) -> None:
    """Keep that a picture was fetched or a link followed."""
    told = ("HEAD " if is_head else "") + agent.replace("\x00", "")[:_AGENT_CHARACTERS]
    with workspace.store.write() as tx:
        tx.run(
            "messages.touch", message_no=touch.message_no, link_no=touch.link_no, url=touch.url or None, agent=told,
            touched_at=workspace.clock(),
        )  # fmt: skip
        tx.run("messages.link_count", message_no=touch.message_no, link_count=touch.link_count)


def settle_touches(workspace: Workspace) -> bool:
    """Judge what has come to rest. True when there was something."""
    now = workspace.clock()
    asked: dict[str, Any] = {"quiet": now - SETTLES, "long": now - _LONGEST, "most": _MOST}
    with workspace.store.read() as tx:
        if not tx.value("messages.has_touches"):
            return False
        rows = tx.rows("messages.settled_touches", **asked)
    if not rows:
        return False
    by_message: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_message[row["message_no"]].append(row)
    numbers = list(by_message)
    with workspace.store.write() as tx:
        dropped = tx.run("messages.drop_touches", numbers=[row["touch_no"] for row in rows])
        if dropped < len(rows):  # another worker had them
            return True
        sent = {row["message_no"]: row for row in tx.rows("messages.sent_like", numbers=numbers)}
        agreed = law.tracked(tx, numbers, now)
        fates = [
            fate
            for number in numbers
            if number in agreed and number in sent
            for fate in _fates(sent[number], by_message[number])
        ]
        tell(workspace, tx, fates)
    return True


def _fates(message: Row, touches: Sequence[Row]) -> list[Fate]:
    seen = [Seen(row["link_no"], row["agent"], row["touched_at"]) for row in touches]
    url_of = {row["link_no"]: row["url"] for row in touches if row["link_no"] != PICTURE}
    sent_at = message["called_at"] or message["closed_at"] or 0
    found = judge(seen, sent_at, message["link_count"])
    fates = [Fate(message, "opened", found.opened_at)] if found.opened_at is not None else []
    fates += [Fate(message, "clicked", at, url_of[link_no], part=link_no) for link_no, at in found.clicked]
    for state, at in (("machine_opened", found.machine_opened_at), ("machine_clicked", found.machine_clicked_at)):
        if at is not None:
            fates.append(Fate(message, state, at))
    return fates
