"""Parcels on their way: most come as promised, some are late, and late ones cost customers."""

from dataclasses import dataclass, replace

import numpy as np

from schwung.simulation.draws import Flags, Floats, generator
from schwung.simulation.laws import Laws
from schwung.simulation.orders import Orders


@dataclass(frozen=True, slots=True)
class Deliveries:
    """A row an order: when it arrived and until when that was promised, days from the start; orders at the till at once."""

    delivered: Floats
    promised: Floats
    is_late: Flags


def deliveries(laws: Laws, done: Orders, is_till: Flags, block_no: int) -> Deliveries:
    """On time: gamma with a mean of 2.7 days, cut at the promise where orders can be late at all; late: the promise and
    two days more, exponential."""
    chance = generator(laws.seed, block_no, "deliveries")
    known = laws.relationship
    size = len(done)
    transit = chance.gamma(6.0, 0.45, size)
    is_late = (chance.random(size) < known.late_share) & ~is_till
    if known.late_share:
        late = known.promise_days + 0.05 + chance.exponential(2.0, size)
        transit = np.where(is_late, late, np.minimum(transit, known.promise_days - 0.05))
    return Deliveries(
        done.ordered + np.where(is_till, 0.0, transit),
        done.ordered + np.where(is_till, 0.0, known.promise_days),
        is_late,
    )


def lost_by_delay(
    laws: Laws, done: Orders, sent: Deliveries, is_till: Flags, left: Floats, block_no: int
) -> tuple[Orders, Deliveries, Flags, Floats]:
    """The same without the orders of customers who left after a late one, and when customers left."""
    chance = generator(laws.seed, block_no, "lost by delay")
    quits = sent.is_late & (chance.random(len(done)) < laws.relationship.late_leaving)
    first = np.full(len(left), np.iinfo(np.int64).max)
    np.minimum.at(first, done.owner[quits], done.nth[quits])
    kept = done.nth <= first[done.owner]
    last = quits & (done.nth == first[done.owner])
    left = left.copy()
    left[done.owner[last]] = np.minimum(left[done.owner[last]], sent.delivered[last])
    orders = replace(done, **{name: getattr(done, name)[kept] for name in done.__slots__})
    parcels = Deliveries(sent.delivered[kept], sent.promised[kept], sent.is_late[kept])
    return orders, parcels, is_till[kept], left
