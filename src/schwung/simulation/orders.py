"""When customers buy and when they leave: BG/NBD in operational time, and what campaigns add to it."""

from dataclasses import dataclass

import numpy as np

from schwung.simulation.customers import Population
from schwung.simulation.draws import Floats, Ints, generator, spread
from schwung.simulation.laws import Laws
from schwung.simulation.seasons import Season


@dataclass(frozen=True, slots=True)
class Orders:
    """One row an order of a block, by customer and time.

    owner: row of the customer in the population. ordered: days from the start. nth: 0 for the first order.
    campaign: index into laws.campaigns of the campaign without which the order would not be; −1 for none.
    goods: what the spend law says the order is worth, minor units without tax.
    """

    owner: Ints
    ordered: Floats
    nth: Ints
    campaign: Ints
    goods: Floats

    def __len__(self) -> int:
        return len(self.owner)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One row for each customer and campaign that reached for him: its arm is 1 (treated) or 0 (held out)."""

    owner: Ints
    campaign: Ints
    arm: Ints
    assigned: Floats


def repeat_purchases(laws: Laws, calendar: Season, people: Population, block_no: int) -> tuple[Ints, Floats, Floats]:
    """Owner and time of the repeat purchases, and when each customer left (inf: not before the end).

    BG/NBD (Fader, Hardie, Lee 2005): a Poisson stream at the customer's rate, of which the first `lives` are kept;
    `lives` is geometric with the chance to leave after each. Times of a Poisson stream given their number are uniform.
    """
    chance = generator(laws.seed, block_no, "orders")
    size = len(people)
    buys = np.isfinite(people.first_order)
    since = calendar.to_operational(np.where(buys, people.first_order, laws.days))
    span = np.where(buys, calendar.passed[-1] - since, 0.0)
    count = chance.poisson(people.buying_rate * span).astype(np.int64)
    lives = chance.geometric(np.clip(people.leave_share, 1e-12, 1.0)).astype(np.int64)
    owner, place = spread(count)
    moment = since[owner] + chance.random(len(owner)) * span[owner]
    moment = moment[np.lexsort((moment, owner))]
    times = calendar.to_calendar(moment)
    left = np.full(size, np.inf)
    last = place == lives[owner] - 1
    left[owner[last]] = times[last]
    kept = place < lives[owner]
    return owner[kept], times[kept], left


def assignments(laws: Laws, people: Population, block_no: int) -> Assignment:
    """Whom the campaigns to buyers reach: all who agreed to e-mail and have ordered; a random holdout gets nothing."""
    chance = generator(laws.seed, block_no, "campaigns")
    parts: list[tuple[Ints, Ints, Ints, Floats]] = []
    for index, campaign in enumerate(laws.campaigns):
        if campaign.to != "buyers":
            continue
        owner = np.flatnonzero(people.agreed & (people.first_order < campaign.starts))
        arm = (chance.random(len(people)) >= campaign.holdout)[owner].astype(np.int64)
        parts.append((owner, np.full(len(owner), index), arm, np.full(len(owner), campaign.starts)))
    empty = np.empty(0, dtype=np.int64)
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)] or [empty, empty, empty, np.empty(0)]
    return Assignment(joined[0], joined[1], joined[2], joined[3])


def _added_by_campaigns(
    laws: Laws, calendar: Season, people: Population, reached: Assignment, left: Floats, block_no: int
) -> tuple[Ints, Floats, Ints]:
    """Orders above the law: a second Poisson stream at rate × lift while the campaign lasts and the customer is there."""
    chance = generator(laws.seed, block_no, "added")
    parts = [(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0, dtype=np.int64))]
    for index, campaign in enumerate(laws.campaigns):
        owner = reached.owner[(reached.campaign == index) & (reached.arm == 1)]
        start, end = calendar.to_operational(np.array([campaign.starts, campaign.starts + campaign.lasts]))
        added = chance.poisson(people.buying_rate[owner] * campaign.lift * (end - start)).astype(np.int64)
        nth, _ = spread(added)
        buyer = owner[nth]
        times = calendar.to_calendar(start + chance.random(len(nth)) * (end - start))
        there = times < left[buyer]
        parts.append((buyer[there], times[there], np.full(int(there.sum()), index)))
    owners, times, campaigns = (np.concatenate(column) for column in zip(*parts, strict=True))
    return owners, times, campaigns


def orders(
    laws: Laws, calendar: Season, people: Population, reached: Assignment, block_no: int
) -> tuple[Orders, Floats]:
    """All orders of a block, and when each customer left."""
    repeated, repeat_times, left = repeat_purchases(laws, calendar, people, block_no)
    first = np.flatnonzero(np.isfinite(people.first_order))
    added, added_times, campaign = _added_by_campaigns(laws, calendar, people, reached, left, block_no)
    owner = np.concatenate([first, repeated, added])
    times = np.concatenate([people.first_order[first], repeat_times, added_times])
    cause = np.concatenate([np.full(len(first) + len(repeated), -1), campaign])
    order = np.lexsort((times, owner))
    owner, times, cause = owner[order], times[order], cause[order]
    count = np.bincount(owner, minlength=len(people)).astype(np.int64)
    chance = generator(laws.seed, block_no, "spend")
    goods = chance.gamma(laws.p, 1.0, len(owner)) / people.spend_rate[owner]
    return Orders(owner, times, spread(count)[1], cause, goods), left
