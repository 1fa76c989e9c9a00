"""Visits to the web shop: customers come back, compare, fill carts, leave them, and sometimes order."""

from dataclasses import dataclass

import numpy as np

from schwung.simulation.customers import Population
from schwung.simulation.draws import Flags, Floats, Ints, choose, generator, spread
from schwung.simulation.laws import Laws
from schwung.simulation.orders import Orders
from schwung.simulation.seasons import Season

LEAD_DAYS = 45.0  # a lead looks around for so long
RECOVERY_DAYS = 7.0
_LOOKS_A_DAY = 0.024
MOMENT = 45 / 86_400  # seconds between two pages, in days
_CART_SHARE = 0.16  # of the visits without an order
_REMEMBERED = 0.75  # of the visits on a device that knows the customer
_DIRECT_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Visits:
    """One row a visit. kind: 0 looks, 1 fills a cart and leaves it, 2 orders (`order` is the row of the order, else −1).

    channel: index into laws.channels. campaign: index into laws.campaigns or −1. looks: products viewed.
    is_known: the device knew who it was from the first page on. started: days from the start.
    cart: row of the visit whose cart is filled: its own, or an earlier one's that was left and is taken up again; −1: none.
    """

    owner: Ints
    started: Floats
    kind: Ints
    order: Ints
    channel: Ints
    campaign: Ints
    device: Ints
    looks: Ints
    is_known: Flags
    cart: Ints

    def __len__(self) -> int:
        return len(self.owner)


def _looking(
    laws: Laws, calendar: Season, people: Population, left: Floats, chance: np.random.Generator
) -> tuple[Ints, Floats]:
    """Visits without an order: a Poisson stream from joining to leaving (45 days for those who never buy)."""
    until = np.where(np.isfinite(people.first_order), np.minimum(left, laws.days), people.joined + LEAD_DAYS)
    start, end = (calendar.to_operational(moment) for moment in (people.joined, np.minimum(until, laws.days)))
    online = people.device_count > 0
    count = chance.poisson(np.where(online, _LOOKS_A_DAY * np.maximum(end - start, 0), 0)).astype(np.int64)
    owner, _ = spread(count)
    moment = start[owner] + chance.random(len(owner)) * (end - start)[owner]
    first = np.flatnonzero(online)
    return np.concatenate([first, owner]), np.concatenate([people.joined[first], calendar.to_calendar(moment)])


def visits(
    laws: Laws, calendar: Season, people: Population, orders: Orders, is_till: Flags, left: Floats, block_no: int
) -> Visits:
    """All visits of a block, by customer and time; the first one comes by the channel that brought the customer."""
    chance = generator(laws.seed, block_no, "visits")
    looker, looked = _looking(laws, calendar, people, left, chance)
    web = np.flatnonzero(~is_till)
    looks = np.minimum(chance.geometric(0.62, len(looker) + len(web)), 6).astype(np.int64)
    kind = np.concatenate([(chance.random(len(looker)) < _CART_SHARE).astype(np.int64), np.full(len(web), 2)])
    owner = np.concatenate([looker, orders.owner[web]])
    order = np.concatenate([np.full(len(looker), -1), web])
    started = np.concatenate([looked, orders.ordered[web] - (looks[len(looker) :] + 2) * MOMENT])
    campaign = np.concatenate([np.full(len(looker), -1), orders.campaign[web]])
    by_time = np.lexsort((started, owner))
    owner, kind, order, campaign, looks = (column[by_time] for column in (owner, kind, order, campaign, looks))
    started = started[by_time]
    size = len(owner)
    is_first = np.concatenate([[True], owner[1:] != owner[:-1]]) if size else np.empty(0, dtype=bool)
    device = ((chance.random(size) < 0.25) & (people.device_count[owner] > 1)).astype(np.int64)
    return Visits(
        owner=owner,
        started=np.maximum(started, 0.0),
        kind=kind,
        order=order,
        channel=np.where(is_first, people.channel[owner], _touches(laws, chance, campaign)),
        campaign=campaign,
        device=device,
        looks=looks,
        is_known=_known(people, orders, order, owner, started, device, chance),
        cart=_carts(laws, owner, started, kind, device, block_no),
    )


def _carts(laws: Laws, owner: Ints, started: Floats, kind: Ints, device: Ints, block_no: int) -> Ints:
    """Whoever orders within a week after leaving a cart on the same device takes it up again with a known chance."""
    chance = generator(laws.seed, block_no, "carts")
    size = len(owner)
    own = np.arange(size, dtype=np.int64)
    before = np.maximum(own - 1, 0)
    again = (kind == 2) & (kind[before] == 1) & (owner == owner[before]) & (device == device[before]) & (own > 0)
    again &= (started - started[before] < RECOVERY_DAYS) & (chance.random(size) < laws.relationship.recovered_share)
    return np.where(kind == 0, -1, np.where(again, before, own)).astype(np.int64)


def _touches(laws: Laws, chance: np.random.Generator, campaign: Ints) -> Ints:
    """Channels of later visits: half direct, the rest by share among those that speak to known people."""
    names = [one.name for one in laws.channels]
    shares = np.array([0.0 if one.name in ("referral", "offline", "direct") else one.share for one in laws.channels])
    direct = names.index("direct") if "direct" in names else 0
    other = choose(chance, shares, len(campaign)) if shares.any() else np.full(len(campaign), direct)
    touched = np.where(chance.random(len(campaign)) < _DIRECT_SHARE, direct, other)
    email = names.index("email") if "email" in names else direct
    return np.where(campaign >= 0, email, touched)


def _known(
    people: Population,
    orders: Orders,
    order: Ints,
    owner: Ints,
    started: Floats,
    device: Ints,
    chance: np.random.Generator,
) -> Flags:
    """A device knows its customer after the first order on it (and mostly remembers)."""
    is_order = order >= 0
    known_from = np.full((len(people), 2), np.inf)
    np.minimum.at(known_from, (owner[is_order], device[is_order]), orders.ordered[order[is_order]])
    knows = started > known_from[owner, device]
    return knows & (chance.random(len(owner)) < _REMEMBERED)
