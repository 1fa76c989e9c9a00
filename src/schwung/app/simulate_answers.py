"""What simulated customers do comes in by the doors of a real shop: calls, openings, reports of the provider, links to unsubscribe."""

import numpy as np

from schwung.act.bounce.returned import Returned
from schwung.act.tracking import PICTURE
from schwung.app.quarantine import reception
from schwung.app.receive import MOST_IN_COMMIT, Receiver
from schwung.app.returned import take
from schwung.app.touches import settle_touches
from schwung.app.unsubscribe import unsubscribe
from schwung.app.wiring import Workspace
from schwung.collect.wire import Accepted, Refused, read_event
from schwung.simulation.claims import SOURCES
from schwung.simulation.draws import Flags
from schwung.simulation.life import KIND, Coming
from schwung.simulation.life_wire import SITE, Directory, Goods, calls

_CALLS = ("joined", "looked", "left_cart", "clicked", "ordered")
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) Kaffeehaus"


def receive_calls(workspace: Workspace, receiver: Receiver, known: Directory, due: Coming, bought: Goods) -> int:
    """As a client sends them, oldest first; how many were new or known. What came before counts once."""
    with workspace.store.read() as tx:
        numbers = np.unique(due.message[due.message > 0]).tolist()
        campaigns = {row["message_no"]: row["campaign"] for row in tx.rows("simulation.messages", numbers=numbers)}
    told = []
    for what in _CALLS:
        chosen = np.flatnonzero(due.kind == KIND[what])
        rows, lines = due.rows(chosen), Goods(bought.product[chosen], bought.net_minor[chosen])
        campaign = [campaigns.get(one) for one in rows.message.tolist()]
        told += list(calls(known, what, rows.who, rows.at, lines, rows.cart_at, campaign))
    told.sort(key=lambda one: one[0])
    reading = reception(workspace, SOURCES[0], workspace.clock())
    found = [read_event(body.encode(), None, reading) for _, body in told]
    for first in range(0, len(found), MOST_IN_COMMIT):
        part = found[first : first + MOST_IN_COMMIT]
        accepted = [one for one in part if isinstance(one, Accepted)]
        receiver.receive_now(accepted, [one for one in part if isinstance(one, Refused)])
    return len(found)


def answer(workspace: Workspace, measured: Flags, due: Coming) -> None:
    """Openings and clicks of those who agreed to be measured, bounces and complaints, and those who want no more."""
    with workspace.store.read() as tx:
        numbers = np.unique(due.message[due.message > 0]).tolist()
        rows = {row["message_no"]: row for row in tx.rows("simulation.messages", numbers=numbers)}
    touching = np.isin(due.kind, [KIND["opened"], KIND["clicked"]]) & measured[due.who]
    if workspace.settings.serve.public_url and touching.any():
        _touch(workspace, due.rows(touching))
    reports = [
        Returned(
            "bounced" if kind == KIND["bounced"] else "complained",
            (rows[message]["provider_id"],),
            is_address=True,
            happened_at=at,
        )
        for kind, message, at in zip(due.kind.tolist(), due.message.tolist(), due.at.tolist(), strict=True)
        if kind in (KIND["bounced"], KIND["complained"]) and rows[message]["provider_id"]
    ]
    if reports:
        take(workspace, reports)
    for message in due.of("unsubscribed").message.tolist():  # each is a request of its own, as links are followed
        if rows[message]["identifier_id"] is not None:
            unsubscribe(workspace, rows[message]["identifier_id"], rows[message]["purpose"])


def _touch(workspace: Workspace, due: Coming) -> None:
    """The picture fetched, the link followed. They are old enough to be judged at once."""
    clicked = due.kind == KIND["clicked"]
    touches = [
        {"message_no": message, "link_no": 1 if is_click else PICTURE, "url": SITE if is_click else None, "agent": _AGENT, "touched_at": at}
        for message, is_click, at in zip(due.message.tolist(), clicked.tolist(), due.at.tolist(), strict=True)
    ]  # fmt: skip
    with workspace.store.write() as tx:
        tx.run_many("messages.touch", touches)
        tx.run_many(
            "messages.link_count", [{"message_no": one["message_no"], "link_count": 1} for one in touches if one["url"]]
        )
    while settle_touches(workspace):
        pass
