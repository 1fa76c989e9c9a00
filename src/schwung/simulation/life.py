"""The state of a shop that goes on: its folk, what is yet to happen, who got how many messages."""

from dataclasses import dataclass, fields, replace

import numpy as np

from schwung.core.clock import DAY, Instant
from schwung.simulation.draws import Flags, Ints
from schwung.simulation.going_on import Folk

KINDS = ("looked", "left_cart", "ordered", "joined", "clicked", "opened", "unsubscribed", "complained", "bounced")
KIND = {name: number for number, name in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Coming:
    """What is yet to happen, a row each. message: that brought it, 0: of their own accord. cart_at: of the cart that an order
    takes up, or 0."""

    at: Ints
    kind: Ints
    who: Ints
    message: Ints
    cart_at: Ints

    def __len__(self) -> int:
        return len(self.at)

    def rows(self, chosen: Flags | Ints) -> "Coming":
        return Coming(*(getattr(self, one.name)[chosen] for one in fields(self)))

    def plus(self, *more: "Coming") -> "Coming":
        return Coming(*(np.concatenate([getattr(each, one.name) for each in (self, *more)]) for one in fields(self)))

    def of(self, kind: str) -> "Coming":
        return self.rows(self.kind == KIND[kind])


def coming(kind: str, who: Ints, at: Ints, message: Ints | None = None, cart_at: Ints | None = None) -> Coming:
    nothing = np.zeros(len(who), dtype=np.int64)
    return Coming(
        at.astype(np.int64),
        np.full(len(who), KIND[kind], dtype=np.int64),
        who.astype(np.int64),
        nothing if message is None else message,
        nothing if cart_at is None else cart_at,
    )


def nothing_coming() -> Coming:
    return Coming(*(np.empty(0, dtype=np.int64) for _ in fields(Coming)))


@dataclass(frozen=True, slots=True)
class Life:
    """After `days` days. grudge_until, grudge_by: by person, until when orders are left away and the message that is to blame.

    had_who, had_at: messages of late, a row each.
    """

    days: int
    folk: Folk
    coming: Coming
    grudge_until: Ints
    grudge_by: Ints
    had_who: Ints
    had_at: Ints

    def due(self, until: Instant) -> tuple[Coming, "Life"]:
        """What happens up to a moment, in the order of time, and the rest."""
        is_due = self.coming.at <= until
        found = self.coming.rows(is_due)
        return found.rows(np.lexsort((found.who, found.kind, found.at))), replace(
            self, coming=self.coming.rows(~is_due)
        )

    def recent(self, who: Ints, sent_at: Ints, days: float) -> tuple[Ints, "Life"]:
        """How many messages each got lately, the new ones counted; with them in mind."""
        since = int(sent_at.min() - days * DAY) if len(sent_at) else 0
        kept = self.had_at > since
        had_who, had_at = np.concatenate([self.had_who[kept], who]), np.concatenate([self.had_at[kept], sent_at])
        counts = np.bincount(had_who, minlength=len(self.folk)).astype(np.int64)
        return counts[who], replace(self, had_who=had_who, had_at=had_at)

    def grudging(self, who: Ints, until: Ints, message: Ints) -> "Life":
        """Some more people bear a grudge."""
        grudge_until, grudge_by = self.grudge_until.copy(), self.grudge_by.copy()
        grudge_until[who], grudge_by[who] = until, message
        return replace(self, grudge_until=grudge_until, grudge_by=grudge_by)

    def grown(self, folk: Folk) -> "Life":
        more = np.zeros(len(folk) - len(self.folk), dtype=np.int64)
        return replace(
            self, folk=folk, grudge_until=np.concatenate([self.grudge_until, more]), grudge_by=np.concatenate([self.grudge_by, more])
        )  # fmt: skip


def begin(folk: Folk) -> Life:
    none, zeros = np.empty(0, dtype=np.int64), np.zeros(len(folk), dtype=np.int64)
    return Life(0, folk, nothing_coming(), zeros, zeros, none, none)
