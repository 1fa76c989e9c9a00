"""Attribution by Shapley values: channels are players, what a coalition is worth comes from the sets of channels that were seen.

Two conventions, named; they agree, and a test holds them to it:
- set: each journey's worth is split evenly over its distinct channels. A closed form, for any number of channels.
- coalition: a coalition is worth what was won by the observed sets of channels that lie within it; the Shapley value of
  that game, summed over all coalitions.
"""

from math import factorial
from typing import cast

import numpy as np

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.attribution.journeys import Floats, Journeys, Numbers

MOST_CHANNELS = 18
"""2¹⁸ coalitions; beyond, only the closed form."""


def by_sets(journeys: Journeys) -> Floats:
    """Each journey's worth split evenly over its distinct channels; kinds × channels."""
    channels = len(journeys.names)
    pairs = journeys.owners * channels + journeys.codes
    distinct = _distinct(pairs, len(journeys.nulls) * channels)
    owners, codes = distinct // channels, distinct % channels
    shares = 1.0 / np.bincount(owners, minlength=len(journeys.nulls))
    return np.array([np.bincount(codes, (row * shares)[owners], channels) for row in journeys.worth])


def by_coalitions(journeys: Journeys) -> Floats:
    """The Shapley value of what journeys within a coalition won, summed over all coalitions."""
    sets, size = _sets(journeys)
    return np.array(
        [_shapley(_within(np.bincount(sets, row, 1 << size).astype(np.float64), size), size) for row in journeys.worth]
    )


def _sets(journeys: Journeys) -> tuple[Numbers, int]:
    """Of each journey its set of channels as bits."""
    size = len(journeys.names)
    if size > MOST_CHANNELS:
        raise InputError(
            "attribution_too_many",
            Text("There are {n} channels; coalitions can be worked out for at most {most}.", "Es gibt {n} Kanäle; Koalitionen sind für höchstens {most} berechenbar.").fill(n=size, most=MOST_CHANNELS),
            Text("Take the model shapley, which needs no coalitions.", "Das Modell shapley wählen, das keine Koalitionen braucht."),
        )  # fmt: skip
    bits = np.left_shift(1, journeys.codes)
    sets = np.bitwise_or.reduceat(bits, journeys.starts[:-1]) if len(journeys.nulls) else np.zeros(0, np.int64)
    return sets, size


def _within(worth: Floats, size: int) -> Floats:
    """Of each coalition the sum over its subsets; the given array is changed."""
    found = worth
    for bit in range(size):
        view = found.reshape(-1, 2, 1 << bit)
        view[:, 1] += view[:, 0]
    return found


def _shapley(worth: Floats, size: int) -> Floats:
    """Of each player the mean of what it adds, over all orders in which the coalition can come together."""
    players = np.array([bin(one).count("1") for one in range(1 << size)]) if size else np.zeros(1, int)
    chances = np.array([factorial(k) * factorial(size - k - 1) / factorial(size) for k in range(size)])
    found = np.zeros(size)
    for bit in range(size):
        pairs = worth.reshape(-1, 2, 1 << bit)
        others = players.reshape(-1, 2, 1 << bit)[:, 0]
        found[bit] = (chances[others] * (pairs[:, 1] - pairs[:, 0])).sum()
    return found


def _distinct(keys: Numbers, most: int) -> Numbers:
    """Ascending. A mark per possible key beats sorting while there are not many more keys than touches."""
    if most <= 16 * len(keys) + 1_000:
        marks = np.zeros(most, bool)
        marks[keys] = True
        return cast(Numbers, np.flatnonzero(marks))
    return cast(Numbers, np.unique(keys))
