"""How many messages a person gets at most: per channel and in total, within a number of days of their own calendar."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schwung.act.quiet import day_after, day_starts
from schwung.core.clock import Instant


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` messages within `days` local days, today among them. channel None: all channels together."""

    days: int
    most: int
    channel: str | None = None

    def counts(self, channel: str) -> bool:
        return self.channel is None or self.channel == channel


@dataclass(frozen=True, slots=True)
class Wish:
    """A message that would like to go now."""

    message_no: int
    customer_id: int
    channel: str
    zone: str


Sent = tuple[Instant, str]
"""When, and on which channel."""


def held_back(
    wishes: Iterable[Wish], sent: Mapping[int, Sequence[Sent]], caps: Sequence[Cap], now: Instant
) -> dict[int, Instant]:
    """Messages that would be too many, in the order of `wishes`, and when at the earliest a cap lets each go.

    sent: what each customer has had. Whoever may go counts for those that come after.
    """
    waits: dict[int, Instant] = {}
    had = {customer_id: list(those) for customer_id, those in sent.items()}
    for wish in wishes:
        mine = had.setdefault(wish.customer_id, [])
        free = [_free_at(cap, mine, now, wish.zone) for cap in caps if cap.counts(wish.channel)]
        at = max((moment for moment in free if moment is not None), default=None)
        if at is None:
            mine.append((now, wish.channel))
        else:
            waits[wish.message_no] = at
    return waits


def _free_at(cap: Cap, had: Sequence[Sent], now: Instant, zone: str) -> Instant | None:
    """None: there is room now. Else the first local midnight at which there is."""
    starts = day_starts(now, zone, cap.days - 1)
    counted = sorted(at for at, channel in had if at >= starts[-1] and cap.counts(channel))
    if len(counted) < cap.most:
        return None
    if cap.most == 0:
        return day_after(now, zone, cap.days)
    # The window must have left behind all but most - 1 of them: the day after the last of these, plus its length.
    last = counted[len(counted) - cap.most]
    return day_after(last, zone, cap.days)


def longest(caps: Iterable[Cap]) -> int:
    """Days that one must look back to know what the caps count."""
    return max((cap.days for cap in caps), default=0)
