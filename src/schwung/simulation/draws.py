"""Chance that does not depend on how the work is cut: every block of customers has generators of its own."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

BLOCK = 2_048
"""Customers in one block. Blocks are simulated by themselves; batches are any number of whole blocks."""


def generator(seed: int, block_no: int, topic: str) -> np.random.Generator:
    """A generator for one topic (`people`, `orders`, …) of one block, so that a change in one law moves nothing else."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, block_no, *topic.encode()])))


def spread(counts: Ints) -> tuple[Ints, Ints]:
    """Owner and place of each item when owner i has counts[i] items: ([0,0,2], [0,1,0]) for [2,0,1]."""
    owner = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    first = np.cumsum(counts) - counts
    return owner, np.arange(len(owner), dtype=np.int64) - first[owner]


def choose(chance: np.random.Generator, shares: Floats, size: int) -> Ints:
    """Indexes drawn with the given shares (which need not add to one)."""
    edges = np.cumsum(shares) / np.sum(shares)
    return np.minimum(np.searchsorted(edges, chance.random(size), side="right"), len(edges) - 1).astype(np.int64)


def coupled(values: Floats, steering: Floats) -> Floats:
    """The same values, dealt so that the largest goes to the largest steering: any law, any rank correlation."""
    dealt = np.empty_like(values)
    dealt[np.argsort(steering, kind="stable")] = np.sort(values)
    return dealt
