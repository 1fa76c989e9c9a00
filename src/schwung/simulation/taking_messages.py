"""How customers take messages: each draw hangs on person, time and template alone, so that nothing hinges on the order of work."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from schwung.core.clock import DAY, MINUTE
from schwung.simulation.draws import Flags, Floats, Ints
from schwung.simulation.life_laws import LifeLaws

_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages that were sent. who: number of the customer; recent: how many this person got in memory_days, this one counted."""

    number: Ints
    who: Ints
    sent_at: Ints
    template: Sequence[str]
    campaign: Sequence[str | None]
    recent: Ints

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True, slots=True)
class Taken:
    """A row a message. The moments hold where the flag beside them does."""

    bounced: Flags
    read: Flags
    read_at: Ints
    clicked: Flags
    clicked_at: Ints
    ordered: Flags
    ordered_at: Ints
    annoyed: Flags
    unsubscribed: Flags
    complained: Flags


def lots(seed: int, topic: str, *keys: Ints) -> Floats:
    """A number in [0, 1) for each row of the keys, always the same (SplitMix64)."""
    start = hashlib.blake2b(f"{seed}/{topic}".encode(), digest_size=8).digest()
    state = np.full(len(keys[0]), int.from_bytes(start, "big"), dtype=np.uint64)
    for key in keys:
        state = _mixed(state ^ (key.astype(np.uint64) * _ODD))
    return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53


def take(laws: LifeLaws, seed: int, sent: Messages) -> Taken:
    """What becomes of messages."""
    code = np.array([_code(one) for one in sent.template], dtype=np.int64)

    def lot(topic: str) -> Floats:
        return lots(seed, topic, sent.who, sent.sent_at // MINUTE, code)

    fresh = laws.freshness(sent.recent)
    dead = lots(seed, "dead address", sent.who) < laws.dead_share
    read = ~dead & (lot("read") < laws.read_share * fresh)
    read_at = sent.sent_at + MINUTE + _wait(lot("read wait"), laws.read_days)
    clicked = read & (lot("click") < laws.click_share)
    clicked_at = read_at + MINUTE
    shares = {pair: laws.ordering_of(*pair) for pair in set(zip(sent.campaign, sent.template, strict=True))}
    share = np.array([shares[pair] for pair in zip(sent.campaign, sent.template, strict=True)], dtype=np.float64)
    ordered = clicked & (lot("order") < share)
    annoyed = ~dead & (lot("annoyed") < laws.annoyed_share * (1 - fresh))
    choice = lot("annoyed how")
    leaves = annoyed & (choice < laws.annoyed_unsubscribes)
    return Taken(
        bounced=dead,
        read=read,
        read_at=read_at,
        clicked=clicked,
        clicked_at=clicked_at,
        ordered=ordered,
        ordered_at=clicked_at + 5 * MINUTE + _wait(lot("order wait"), laws.order_days),
        annoyed=annoyed,
        unsubscribed=leaves | (read & (lot("unsubscribe") < laws.unsubscribed_share)),
        complained=annoyed & ~leaves & (choice < laws.annoyed_unsubscribes + laws.annoyed_complains),
    )


def _wait(lot: Floats, mean_days: float) -> Ints:
    return (-np.log1p(-lot) * mean_days * DAY).astype(np.int64)


def _code(template: str) -> int:
    return int.from_bytes(hashlib.blake2b(template.encode(), digest_size=6).digest(), "big")


def _mixed(state: np.ndarray) -> np.ndarray:
    state = state + _ODD
    state = (state ^ (state >> np.uint64(30))) * _MIX[0]
    state = (state ^ (state >> np.uint64(27))) * _MIX[1]
    return state ^ (state >> np.uint64(31))
