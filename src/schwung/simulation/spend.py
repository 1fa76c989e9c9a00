"""What the shop pays for its customers: a day's expected joiners by channel at the channel's price, give or take."""

from dataclasses import dataclass

import numpy as np

from schwung.simulation.draws import Floats, Ints, generator
from schwung.simulation.laws import Laws
from schwung.simulation.seasons import Season, arrivals


@dataclass(frozen=True, slots=True)
class Spend:
    """One row a day and paid channel: day from the start, index of the channel, minor units, hours worked."""

    day: Ints
    channel: Ints
    amount_minor: Ints
    hours: Floats


def spend(laws: Laws, calendar: Season) -> Spend:
    """Expected cost of the channel's joiners of each day × a gamma draw of mean one (it pays for clicks, not for people)."""
    joiners = laws.customers * np.diff(arrivals(laws, calendar)[::24])
    paid = [index for index, channel in enumerate(laws.channels) if channel.cost_minor]
    prices = np.array([laws.channels[index].share * laws.channels[index].cost_minor for index in paid])
    chance = generator(laws.seed, 0, "spend by day")
    amount = joiners[:, None] * prices[None, :] * chance.gamma(25.0, 1 / 25.0, (laws.days, len(paid)))
    return Spend(
        np.repeat(np.arange(laws.days), len(paid)),
        np.tile(np.array(paid, dtype=np.int64), laws.days),
        np.floor(amount + 0.5).astype(np.int64).ravel(),
        np.tile(np.array([0.5] * len(paid)), laws.days),
    )
