"""The shop day by day after its last simulated one: who joins, looks, leaves a cart, orders and leaves of their own accord."""

from dataclasses import dataclass, fields, replace

import numpy as np

from schwung.simulation.draws import Flags, Floats, Ints, generator
from schwung.simulation.laws import Laws
from schwung.simulation.life_laws import LifeLaws
from schwung.simulation.seasons import HOURS, WEEK

FIRST_BLOCK = 1_000_000
"""Blocks of those who join later begin here, one a day."""
_HOURS = np.concatenate([[0.0], np.cumsum(HOURS) / HOURS.sum()])


@dataclass(frozen=True, slots=True)
class Folk:
    """One row a customer, by number. joined: days from the first day on, negative before it. known: the shop can name them.

    has_ordered, is_there: of their own accord; orders that messages add change neither, so that what would have been without
    messages stays known.
    """

    joined: Floats
    known: Flags
    agreed: Flags
    measured: Flags
    buying_rate: Floats
    leave_share: Floats
    has_ordered: Flags
    is_there: Flags

    def __len__(self) -> int:
        return len(self.joined)

    def plus(self, more: "Folk") -> "Folk":
        names = [one.name for one in fields(self)]
        return Folk(*(np.concatenate([getattr(self, name), getattr(more, name)]) for name in names))


@dataclass(frozen=True, slots=True)
class Day:
    """What happens of its own accord. Numbers of customers and the moments (shares of the day); a cart that is picked up is
    ordered so many days after it was left (inf: never). number: of those who join, the last rows of the folk."""

    folk: Folk
    number: Ints
    joined: Floats
    looked: tuple[Ints, Floats]
    left_cart: tuple[Ints, Floats, Floats]
    ordered: tuple[Ints, Floats]


def day_of(laws: Laws, life: LifeLaws, folk: Folk, day: int, date_no: int, weekday: int) -> Day:
    """day: 0 on. date_no: day of the year. The folk as it is at the end of the day."""
    busy = (1 + laws.year_swing * np.cos(2 * np.pi * (date_no - 345) / 365.25)) * (1 + laws.week_swing * WEEK[weekday])
    chance = generator(laws.seed, FIRST_BLOCK + day, "going on")
    buys, carts, picks, looks, leaves = chance.random((5, len(folk)))
    lead = folk.known & folk.agreed & ~folk.has_ordered & (day - folk.joined < life.lead_days)
    active = folk.known & folk.is_there & (folk.has_ordered | lead)
    zeal = np.where(lead, life.lead_zeal, 1.0) * busy
    rate = np.where(folk.has_ordered, folk.buying_rate, life.first_order_rate)
    bought = active & (buys < -np.expm1(-busy * rate))
    left = active & ~bought & (carts < life.cart_rate * zeal)
    looked = np.flatnonzero(active & (looks < life.look_rate * zeal))
    gone = bought & folk.has_ordered & (leaves < folk.leave_share)
    buyers, owners = np.flatnonzero(bought), np.flatnonzero(left)
    moments = np.interp(chance.random(len(looked) + len(owners) + len(buyers)), _HOURS, np.arange(25) / 24)
    looked_at, left_at, bought_at = np.split(moments, [len(looked), len(looked) + len(owners)])
    wait = 1 / 24 + chance.exponential(life.picked_up_days, len(owners))
    after = replace(folk, has_ordered=folk.has_ordered | bought, is_there=folk.is_there & ~gone)
    new, joined = _joiners(laws, life, day, busy)
    number = len(folk) + np.arange(len(new))
    return Day(
        after.plus(new),
        number,
        joined,
        (looked, looked_at),
        (owners, left_at, np.where(picks[owners] < life.picked_up_share, wait, np.inf)),
        (buyers, bought_at),
    )


def _joiners(laws: Laws, life: LifeLaws, day: int, busy: float) -> tuple[Folk, Floats]:
    chance = generator(laws.seed, FIRST_BLOCK + day, "joining")
    size = int(chance.poisson(life.joining * busy * laws.customers / laws.days))
    agreed = chance.random(size) < laws.consent_share
    joined = np.sort(np.interp(chance.random(size), _HOURS, np.arange(25) / 24))
    folk = Folk(
        joined=day + joined,
        known=np.ones(size, dtype=bool),
        agreed=agreed,
        measured=agreed & (chance.random(size) < laws.relationship.measured_share),
        buying_rate=chance.gamma(laws.r, 1 / laws.alpha, size),
        leave_share=chance.beta(laws.a, laws.b, size),
        has_ordered=np.zeros(size, dtype=bool),
        is_there=np.ones(size, dtype=bool),
    )
    return folk, joined
