"""Baskets whose totals follow the spend law: real products at real prices, the last line closes what is left."""

from dataclasses import dataclass

import numpy as np

from schwung.simulation.catalogue import PRODUCTS, Offers, offers
from schwung.simulation.customers import TASTES
from schwung.simulation.draws import Floats, Ints, generator
from schwung.simulation.laws import Laws

_LINE_SHARES = np.array([0.46, 0.33, 0.15, 0.06])
_AROUND = 4  # a line that does not close the basket is one of the 2 × 4 offers around its share of the total


@dataclass(frozen=True, slots=True)
class Lines:
    """One row an order line: row of the order, line number from 1, product index, pieces, value without and of tax."""

    order: Ints
    line_no: Ints
    product: Ints
    quantity: Ints
    net_minor: Ints
    tax_minor: Ints


def _nearest(choice: Offers, target: Floats, offset: Ints) -> Ints:
    """Index of the offer nearest to the target, moved by offset places within the list."""
    above = np.clip(np.searchsorted(choice.net_minor, target), 1, len(choice.net_minor) - 1)
    below_is_nearer = target - choice.net_minor[above - 1] < choice.net_minor[above] - target
    return np.clip(above - below_is_nearer + offset, 0, len(choice.net_minor) - 1).astype(np.int64)


def baskets(laws: Laws, goods: Floats, taste: Ints, block_no: int) -> Lines:
    """Lines for orders that shall be worth `goods` (minor units without tax); tastes are those of the buyers."""
    chance = generator(laws.seed, block_no, "baskets")
    wanted = 1 + np.searchsorted(np.cumsum(_LINE_SHARES)[:-1], chance.random(len(goods)), side="right")
    wanted = np.minimum(wanted, np.maximum(goods // 500, 1)).astype(np.int64)
    share = chance.uniform(0.25, 0.75, (len(goods), len(_LINE_SHARES)))
    offset = chance.integers(-_AROUND, _AROUND, (len(goods), len(_LINE_SHARES)))
    choices = [offers(name) for name in TASTES]
    rest = goods.copy()
    orders, numbers, products, quantities, values = [], [], [], [], []
    for line in range(len(_LINE_SHARES)):
        for index, choice in enumerate(choices):
            rows = np.flatnonzero((wanted > line) & (taste == index))
            closes = wanted[rows] == line + 1
            target = np.where(closes, rest[rows], rest[rows] * share[rows, line])
            found = _nearest(choice, target, np.where(closes, 0, offset[rows, line]))
            rest[rows] -= choice.net_minor[found]
            orders.append(rows)
            numbers.append(np.full(len(rows), line + 1))
            products.append(choice.product[found])
            quantities.append(choice.quantity[found])
            values.append(choice.net_minor[found])
    order, number, product, quantity, value = map(np.concatenate, (orders, numbers, products, quantities, values))
    by_order = np.lexsort((number, order))
    rate = np.array([one.tax_rate for one in PRODUCTS])[product[by_order]]
    net = value[by_order].astype(np.int64)
    return Lines(
        order[by_order].astype(np.int64),
        number[by_order].astype(np.int64),
        product[by_order],
        quantity[by_order],
        net,
        np.floor(net * rate + 0.5).astype(np.int64),
    )
