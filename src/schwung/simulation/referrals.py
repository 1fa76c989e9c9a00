"""Who brought whom: a referred customer was sent by a satisfied one who had bought and had not left."""

import numpy as np

from schwung.simulation.asking import ASKED_DAYS
from schwung.simulation.customers import Population
from schwung.simulation.draws import Floats, Ints, generator
from schwung.simulation.laws import Laws

_TRIES = 150


def referrers(laws: Laws, people: Population, left: Floats, asked: Floats, block_no: int) -> Ints:
    """Row of the customer who referred each customer of the channel `referral`, else −1.

    Drawn from those who ordered before, had not left, and in proportion to exp(satisfaction) cut at two, times 1 + lift
    for those who were asked lately; the first customers of a shop find nobody and stay without. asked: when each was
    asked to refer, in days; inf: never.
    """
    chance = generator(laws.seed, block_no, "referrals")
    found = np.full(len(people), -1, dtype=np.int64)
    channels = np.array([one.name == "referral" for one in laws.channels])
    open_ = np.flatnonzero(channels[people.channel])
    by_first = np.argsort(people.first_order, kind="stable")
    before = np.searchsorted(people.first_order[by_first], people.joined)
    lift = next((one.lift for one in laws.campaigns if one.to == "promoters"), 0.0)
    for _ in range(_TRIES):
        if not len(open_):
            break
        candidate = by_first[(chance.random(len(open_)) * before[open_]).astype(np.int64)]
        moment = people.joined[open_]
        likes = chance.random(len(open_)) < np.exp(np.minimum(people.satisfaction[candidate], 2.0) - 2.0)
        lately = (asked[candidate] < moment) & (asked[candidate] > moment - ASKED_DAYS)
        fits = (
            likes
            & (lately | (chance.random(len(open_)) < 1 / (1 + lift)))
            & (people.first_order[candidate] < moment)
            & (left[candidate] > moment)
            & ~people.is_guest[candidate]
            & (candidate != open_)
        )
        found[open_[fits]] = candidate[fits]
        open_ = open_[~fits]
    return found
