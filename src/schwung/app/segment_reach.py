"""Whom of a segment or list one may write to now, channel by channel, and why not the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.act import legality
from schwung.app.lists import SavedList
from schwung.app.wiring import Workspace
from schwung.core.text import Text
from schwung.unify.consent import CHANNELS

REACHED = ("email", "sms", "whatsapp")
"""Channels with an address that we know; whether there is a postal one nobody says."""
MOST = 100_000
"""Customers that are looked at; of larger lists each so-manieth by number."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One channel. looked_at: customers; reachable: of them; why_not: code of the reason → customers, the most first."""

    channel: str
    looked_at: int
    reachable: int
    why_not: Mapping[str, int]

    @property
    def title(self) -> Text:
        return CHANNELS[self.channel]

    @property
    def share(self) -> float | None:
        return self.reachable / self.looked_at if self.looked_at else None

    @property
    def reasons(self) -> list[tuple[Text, int]]:
        return [(legality.REASONS[code], number) for code, number in self.why_not.items()]

    def to_json(self) -> dict[str, Any]:
        return {
            "channel": self.channel, "looked_at": self.looked_at, "reachable": self.reachable, "share": self.share,
            "why_not": dict(self.why_not),
        }  # fmt: skip


def reach(workspace: Workspace, of: SavedList, purpose: str = "advertising") -> list[Reach]:
    """Per channel, by the same verdict as decides over each message."""
    every = max(1, -(-of.size // MOST))
    found = []
    with workspace.store.read() as tx:
        for channel in REACHED:
            rows = tx.rows(
                "law.reach", now=workspace.clock(), list_no=of.list_no, every=every, channel=channel, purpose=purpose,
                kind=legality.ADDRESS_KINDS.get(channel, ""), topic=legality.topic_of(purpose),
                transactional=list(legality.TRANSACTIONAL), advertising=list(legality.ADVERTISING),
            )  # fmt: skip
            counts = {row["reason"]: int(row["customers"]) for row in rows}
            found.append(Reach(channel, sum(counts.values()), counts.pop("", 0), counts))
    return found
