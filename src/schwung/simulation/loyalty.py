"""The card that collects points: who joins, what each order earns, when it is redeemed, when it lapses."""

import numpy as np

from schwung.simulation.baskets import Lines
from schwung.simulation.customers import Population
from schwung.simulation.draws import Floats, generator
from schwung.simulation.happenings import Happenings
from schwung.simulation.laws import Laws
from schwung.simulation.orders import Orders
from schwung.simulation.visits import MOMENT


def loyalty(laws: Laws, people: Population, done: Orders, lines: Lines, block_no: int) -> list[Happenings]:
    """A share of the named buyers joins with the first order. A point for each euro of goods; whoever has earned twice a
    reward redeems one; what is left lapses after so many days without an order. A balance is never below nothing."""
    known = laws.relationship
    chance = generator(laws.seed, block_no, "loyalty")
    buys = np.isfinite(people.first_order) & ~people.is_guest
    member = buys & (chance.random(len(people)) < known.member_share)
    joined = np.flatnonzero(member)
    goods = np.bincount(lines.order, lines.net_minor, minlength=len(done))
    order = np.flatnonzero(member[done.owner])
    earned = np.floor(goods[order] / 100).astype(np.int64)
    owner = done.owner[order]
    total = _running(earned, owner)
    step = 2 * known.reward_points
    rewards = (total // step - (total - earned) // step) * known.reward_points
    taken = np.flatnonzero(rewards)
    last = np.zeros(len(people))
    np.maximum.at(last, done.owner, done.ordered)
    balance = np.bincount(owner, earned - rewards, minlength=len(people)).astype(np.int64) + known.welcome_points
    lapsed_at = last + known.points_valid_days
    lapsed = np.flatnonzero(member & (lapsed_at < laws.days) & (balance > 0))
    ordered = done.ordered[order]
    return [
        Happenings("loyalty_joined", joined, people.first_order[joined] + MOMENT, value=np.full(len(joined), known.welcome_points)),
        Happenings("points_earned", owner, ordered + 2 * MOMENT, value=earned, order=order),
        Happenings("points_redeemed", owner[taken], ordered[taken] + 3 * MOMENT, value=rewards[taken], order=order[taken]),
        Happenings("points_expired", lapsed, _within(lapsed_at[lapsed], laws), value=balance[lapsed]),
    ]  # fmt: skip


def _within(days: Floats, laws: Laws) -> Floats:
    return np.minimum(days, laws.days - 1e-6)


def _running(values: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Sums so far of each owner; rows lie by owner and time."""
    total = np.cumsum(values)
    first = np.flatnonzero(np.concatenate([[True], owner[1:] != owner[:-1]])) if len(owner) else np.empty(0, np.int64)
    before = np.where(first > 0, total[first - 1], 0) if len(first) else first
    count = np.diff(np.concatenate([first, [len(owner)]]))
    return total - np.repeat(before, count)
