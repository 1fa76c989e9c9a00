"""Who the customers are underneath: when they come, whence, how often they would buy, how easily they leave."""

from dataclasses import dataclass

import numpy as np

from schwung.simulation.draws import Flags, Floats, Ints, choose, coupled, generator
from schwung.simulation.laws import Laws
from schwung.simulation.seasons import Season, arrivals

# Hidden tastes and their shares; products carry the same words.
TASTES = ("espresso", "filter", "decaf", "gift")
_TASTE_SHARES = np.array([0.38, 0.34, 0.08, 0.20])


@dataclass(frozen=True, slots=True)
class Population:
    """One row a customer of a block; nobody outside the truth sees these columns.

    joined, first_order: days from the start (first_order is inf for those who never buy or not before the end).
    buying_rate: orders an operational day. leave_share: chance to leave after each repeat purchase.
    spend_rate: nu of gamma-gamma. satisfaction: standard normal. arm: 1 treated, 0 held out, −1 not in the welcome offer.
    is_guest: buys at the till without a name. has_card: carries a till card. device_count: 0 for those who never go online.
    """

    number: Ints
    joined: Floats
    channel: Ints
    converts: Flags
    welcome_arm: Ints
    first_order: Floats
    buying_rate: Floats
    leave_share: Floats
    spend_rate: Floats
    satisfaction: Floats
    taste: Ints
    agreed: Flags
    is_guest: Flags
    has_card: Flags
    device_count: Ints

    def __len__(self) -> int:
        return len(self.number)


def population(laws: Laws, calendar: Season, numbers: Ints, block_no: int) -> Population:
    """The customers with these numbers (from 0 on)."""
    size = len(numbers)
    chance = generator(laws.seed, block_no, "customers")
    joined = np.interp(chance.random(size), arrivals(laws, calendar), calendar.edges)
    channel = choose(chance, np.array([one.share for one in laws.channels]), size)
    agreed = chance.random(size) < laws.consent_share
    arm, conversion = _welcome(laws, chance, joined, channel, agreed)
    converts = chance.random(size) < conversion
    wait = np.where(chance.random(size) < 0.45, 0.0, chance.exponential(9.0, size)) + chance.uniform(0.003, 0.02, size)
    first = calendar.to_calendar(calendar.to_operational(joined) + wait)
    first = np.where(converts & (first < laws.days), first, np.inf)
    steering = chance.standard_normal(size)
    tie = laws.satisfaction_leaving
    satisfaction = -tie * steering + np.sqrt(1 - tie**2) * chance.standard_normal(size)
    factor = np.array([one.buying for one in laws.channels])[channel]
    place = chance.random(size)
    in_store = np.array([one.name == "offline" for one in laws.channels])[channel]
    is_guest = converts & ~agreed & (place < np.where(in_store, 0.8, 0.08))
    has_card = converts & ~is_guest & (in_store | (place > 0.88))
    return Population(
        number=numbers,
        joined=joined,
        channel=channel,
        converts=converts,
        welcome_arm=arm,
        first_order=first,
        buying_rate=chance.gamma(laws.r, 1 / laws.alpha, size) * factor,
        leave_share=coupled(chance.beta(laws.a, laws.b, size), steering),
        spend_rate=chance.gamma(laws.q, 1 / laws.gamma_minor, size),
        satisfaction=satisfaction,
        taste=choose(chance, _TASTE_SHARES, size),
        agreed=agreed,
        is_guest=is_guest,
        has_card=has_card,
        device_count=np.where(is_guest | (in_store & (place < 0.8)), 0, 1 + (chance.random(size) < 0.3)).astype(
            np.int64
        ),
    )


def _welcome(
    laws: Laws, chance: np.random.Generator, joined: Floats, channel: Ints, agreed: Flags
) -> tuple[Ints, Floats]:
    """Arm of the welcome offer and the chance of a first order that follows from it."""
    arm = np.full(len(joined), -1, dtype=np.int64)
    conversion = np.array([one.conversion for one in laws.channels])[channel]
    for campaign in (one for one in laws.campaigns if one.to == "joiners"):
        reached = agreed & (joined >= campaign.starts) & (joined < campaign.starts + campaign.lasts)
        treated = chance.random(len(joined)) >= campaign.holdout
        arm = np.where(reached, treated.astype(np.int64), arm)
        conversion = conversion * np.where(reached & treated, 1 + campaign.lift, 1.0)
    return arm, np.minimum(conversion, 1.0)
