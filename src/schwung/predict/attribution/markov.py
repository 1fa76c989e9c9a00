"""Attribution by a Markov chain, solved exactly: how much less would be won if each channel led to nothing.

A state is the last `order` touches. With Q the transitions among states, b what is won right after each, q the first steps
and N = (I − Q)⁻¹, all that is won is q·N·b; a channel whose states S are a dead end takes (q·N)_S · (N_SS)⁻¹ · (N·b)_S away.
Method: Anderl et al. 2016, Mapping the customer journey; removal effects in closed form instead of by simulation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import scipy

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.attribution.journeys import Floats, Journeys, Numbers

_DENSE = 500
"""States up to which the inverse is worked out."""
_MOST_CELLS = 50_000_000
"""States × channels beyond."""
_MOST_STEPS, _NOTHING = 20_000, 1e-15
_COUNTED = 20_000_000
"""Keys up to which counting beats sorting."""


@dataclass(frozen=True, slots=True)
class Removal:
    """won: by kind of worth, per journey. lost: by kind and channel, what its removal takes away."""

    won: Floats
    lost: Floats


@dataclass(frozen=True, slots=True)
class _Chain:
    """newest: the channel of each state's last touch. moves: Q. first: q. gains: b, one column per kind of worth."""

    newest: Numbers
    moves: scipy.sparse.csc_array
    first: Floats
    gains: Floats


def removal(journeys: Journeys, order: int = 1) -> Removal:
    """The removal effects. InputError for an order that is none, and for more states than can be solved."""
    if order not in (1, 2, 3):
        raise InputError(
            "attribution_wrong",
            Text("A Markov chain of order {order} is not offered.", "Eine Markow-Kette der Ordnung {order} gibt es nicht.").fill(order=order),
            Text("Take order 1, 2 or 3.", "Ordnung 1, 2 oder 3 wählen."),
        )  # fmt: skip
    kinds, channels = len(journeys.worth), len(journeys.names)
    if not len(journeys.nulls):
        return Removal(np.zeros(kinds), np.zeros((kinds, channels)))
    chain = _chain(journeys, order)
    solve = _by_elimination if len(chain.newest) <= _DENSE else _by_walking
    return solve(chain, channels)


def credit(journeys: Journeys, found: Removal) -> Floats:
    """All that was won, split in proportion to the removal effects; kinds × channels."""
    lost = found.lost
    whole = lost.sum(axis=1, keepdims=True)
    shares = np.divide(lost, whole, out=np.zeros_like(lost), where=np.abs(whole) > 1e-12)
    # A worth whose removal effects cancel out goes as the conversions go.
    shares = np.where(np.abs(whole) > 1e-12, shares, shares[:1])
    return cast(Floats, shares * journeys.totals[:, None])


def _chain(journeys: Journeys, order: int) -> _Chain:
    states, newest = _states(journeys, order)
    size = len(newest)
    weights = journeys.worth[0] + journeys.nulls
    heads, tails = journeys.starts[:-1], journeys.starts[1:] - 1
    each = weights[journeys.owners]
    visits = np.bincount(states, each, size)
    inner = np.ones(len(states), bool)
    inner[tails] = False
    places = np.flatnonzero(inner)
    keys, counts = _counted(states[places] * size + states[places + 1], each[places], size * size)
    moves = scipy.sparse.csc_array((counts / visits[keys // size], (keys // size, keys % size)), shape=(size, size))
    gains = np.array([np.bincount(states[tails], row, size) for row in journeys.worth]).T / visits[:, None]
    return _Chain(newest, moves, np.bincount(states[heads], weights, size) / weights.sum(), gains)


def _states(journeys: Journeys, order: int) -> tuple[Numbers, Numbers]:
    """The state after each touch, numbered from 0 among those that occur, and the newest channel of each state."""
    base = len(journeys.names) + 1
    codes = journeys.codes + 1
    places = np.arange(len(codes)) - np.repeat(journeys.starts[:-1], journeys.lengths)
    keys = codes.copy()
    for back in range(1, order):
        earlier = np.concatenate((np.zeros(back, np.int64), codes[:-back]))[: len(codes)]
        keys += np.where(places >= back, earlier, 0) * base**back
    if base**order <= _COUNTED:
        known = np.flatnonzero(np.bincount(keys, minlength=base**order))
        number = np.zeros(base**order, np.int64)
        number[known] = np.arange(len(known))
        states = number[keys]
    else:
        known, states = np.unique(keys, return_inverse=True)
    return states, known % base - 1


def _counted(keys: Numbers, weights: Floats, most: int) -> tuple[Numbers, Floats]:
    """Distinct keys and the sum of their weights."""
    if most <= _COUNTED:
        sums = np.bincount(keys, weights, most).astype(np.float64, copy=False)
        known = np.flatnonzero(sums)
        return known, sums[known]
    known, place = np.unique(keys, return_inverse=True)
    return known, np.bincount(place, weights).astype(np.float64, copy=False)


def _by_elimination(chain: _Chain, channels: int) -> Removal:
    """By the inverse as a whole: the quickest way while it fits."""
    inverse = np.linalg.inv(np.eye(len(chain.newest)) - chain.moves.toarray())
    after, before = inverse @ chain.gains, chain.first @ inverse
    lost = np.zeros((chain.gains.shape[1], channels))
    for channel in np.unique(chain.newest):
        states = np.flatnonzero(chain.newest == channel)
        lost[:, channel] = before[states] @ np.linalg.solve(inverse[np.ix_(states, states)], after[states])
    return Removal(chain.first @ after, lost)


def _by_walking(chain: _Chain, channels: int) -> Removal:
    """All chains at once, the whole one and each without a channel, until no further step adds anything: I + Q + Q² + …

    Elimination fills such a chain up; this needs its moves alone. What is added shrinks by a factor with every step.
    """
    size, kinds = len(chain.newest), chain.gains.shape[1]
    if size * (channels + 1) > _MOST_CELLS:
        raise _too_many(size)
    stays = np.ones((size, channels + 1))
    stays[np.arange(size), chain.newest] = 0.0
    moves = scipy.sparse.csr_array(chain.moves)
    found = np.zeros((kinds, channels + 1))
    for kind in range(kinds):
        added = stays * chain.gains[:, kind, None]
        sums = added.copy()
        for _ in range(_MOST_STEPS):
            added = stays * (moves @ added)
            sums += added
            if np.abs(added).max() <= _NOTHING * np.abs(sums).max():
                break
        found[kind] = chain.first @ sums
    return Removal(found[:, -1], found[:, -1:] - found[:, :-1])


def _too_many(size: int) -> InputError:
    return InputError(
        "attribution_too_many",
        Text("The chain has {n} states, more than can be solved exactly.", "Die Kette hat {n} Zustände, mehr als exakt lösbar sind.").fill(n=size),
        Text("Take a lower order, or channels instead of campaigns.", "Eine kleinere Ordnung wählen, oder Kanäle statt Kampagnen."),
    )  # fmt: skip
