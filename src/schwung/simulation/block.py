"""One block of customers, whole: who they are, what they did, what nobody sees."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from schwung.simulation.asking import asked_at, asked_promoters, both
from schwung.simulation.baskets import Lines, baskets
from schwung.simulation.catalogue import PRODUCTS
from schwung.simulation.contracts import leads, subscriptions
from schwung.simulation.customers import TASTES, Population, population
from schwung.simulation.deliveries import Deliveries, deliveries, lost_by_delay
from schwung.simulation.draws import BLOCK, Flags, Floats, Ints, generator
from schwung.simulation.experience import Experience, experience
from schwung.simulation.happenings import Happenings
from schwung.simulation.laws import Laws
from schwung.simulation.loyalty import loyalty
from schwung.simulation.orders import Assignment, Orders, assignments, orders
from schwung.simulation.reactions import answers
from schwung.simulation.referrals import referrers
from schwung.simulation.seasons import Season, season
from schwung.simulation.stream import Stream, stream
from schwung.simulation.visits import Visits, visits


@dataclass(frozen=True, slots=True)
class Block:
    """left: days at which each customer left for good (inf: not before the end). referrer: row of who sent him, or −1."""

    block_no: int
    people: Population
    orders: Orders
    lines: Lines
    is_till: Flags
    told: Experience
    seen: Visits
    sent: Deliveries
    reached: Assignment
    stream: Stream
    left: Floats
    referrer: Ints


def _till_orders(laws: Laws, people: Population, done: Orders, block_no: int) -> Flags:
    """Orders at the till: all of those who never go online, two in five of those who carry a card."""
    chance = generator(laws.seed, block_no, "till")
    offline = people.device_count[done.owner] == 0
    return offline | (people.has_card[done.owner] & (chance.random(len(done)) < 0.4))


def simulate_block(laws: Laws, block_no: int, calendar: Season | None = None) -> Block:
    """Customers block_no × BLOCK and following. The same whatever else is simulated beside it."""
    calendar = calendar or season(laws)
    numbers = np.arange(block_no * BLOCK, min((block_no + 1) * BLOCK, laws.customers), dtype=np.int64)
    people = population(laws, calendar, numbers, block_no)
    reached = assignments(laws, people, block_no)
    done, left = orders(laws, calendar, people, reached, block_no)
    is_till = _till_orders(laws, people, done, block_no)
    sent = deliveries(laws, done, is_till, block_no)
    done, sent, is_till, left = lost_by_delay(laws, done, sent, is_till, left, block_no)
    lines = baskets(laws, done.goods, people.taste[done.owner], block_no)
    told = experience(laws, people, done, lines, left, is_till, sent, block_no)
    seen = visits(laws, calendar, people, done, is_till, left, block_no)
    by_taste = [np.array([row for row, one in enumerate(PRODUCTS) if taste in one.tastes]) for taste in TASTES]
    asked = asked_promoters(laws, people, done, told, block_no)
    reached = both(reached, asked)
    referrer = referrers(laws, people, left, asked_at(people, asked), block_no)
    happenings = [
        *_parcels(done, sent, is_till, laws.days),
        *answers(laws, people, done, seen, told, block_no),
        *loyalty(laws, people, done, lines, block_no),
        *subscriptions(laws, people, left, block_no),
        *leads(laws, people, block_no),
    ]
    events = stream(
        people, done, seen, reached, told, referrer, lines.order, is_till, by_taste, happenings, laws, block_no
    )
    return Block(block_no, people, done, lines, is_till, told, seen, sent, reached, events, left, referrer)


def _parcels(done: Orders, sent: Deliveries, is_till: Flags, days: int) -> list[Happenings]:
    """Parcels that arrive; nobody is told of what a guest carries home."""
    rows = np.flatnonzero(~is_till)
    return [Happenings("order_delivered", done.owner[rows], sent.delivered[rows], order=rows).before(days)]


def block_count(laws: Laws) -> int:
    return -(-laws.customers // BLOCK)


def simulate(laws: Laws) -> Iterator[Block]:
    """All blocks, one after another; memory does not grow with the number of customers."""
    calendar = season(laws)
    for block_no in range(block_count(laws)):
        yield simulate_block(laws, block_no, calendar)
