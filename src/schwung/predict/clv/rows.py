"""Customers in the terms of the purchase models, each distinct (frequency, recency, T) once, with how many there are."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_MOST_KEYS = 2**62


@dataclass(frozen=True, eq=False)
class Rows:
    """frequency: repeat purchases, ascending. recency: age at the last purchase. T: age. count: customers of this row. group: to
    which they belong, where customers are told apart (grouped.py)."""

    frequency: Ints
    recency: Floats
    T: Floats
    count: Floats
    group: Ints | None = None

    def __len__(self) -> int:
        return len(self.frequency)

    @cached_property
    def customers(self) -> float:
        return float(self.count.sum())

    @cached_property
    def purchases(self) -> float:
        """Repeat purchases of all."""
        return float(self.frequency @ self.count)

    def every(self, step: int) -> "Rows":
        """Each `step`-th row: a sample to start from."""
        return self.where(slice(step // 2, None, step))

    def where(self, chosen: npt.NDArray[np.bool_] | Ints | slice) -> "Rows":
        group = None if self.group is None else self.group[chosen]
        return Rows(self.frequency[chosen], self.recency[chosen], self.T[chosen], self.count[chosen], group)


@dataclass(frozen=True, eq=False)
class Keyed:
    """One integer per customer that is equal where all three numbers are, ordered by frequency first."""

    keys: Ints

    @cached_property
    def place(self) -> Ints:
        """Distinct row of each customer."""
        order = np.argsort(self.keys)
        ordered = self.keys[order]
        place = np.empty(len(ordered), np.int64)
        place[order] = np.cumsum(_firsts(ordered)) - 1
        return place


def _firsts(ordered: Ints) -> npt.NDArray[np.bool_]:
    first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


def _coded(values: npt.NDArray) -> tuple[Ints, Floats | None, int]:
    """Small integers that order as the values do; what they stand for (None: for themselves); how many are possible."""
    whole = values.astype(np.int64)
    most = int(whole.max(initial=0)) + 1
    if most <= 2**20 and np.array_equal(whole, values):
        return whole, None, most
    known, codes = np.unique(values, return_inverse=True)
    return codes.astype(np.int64), known, len(known)


def compress(
    frequency: Ints, recency: Floats, T: Floats, count: Floats | None = None, group: Ints | None = None
) -> tuple[Rows, Keyed | None]:
    """The distinct rows; the keys that lead each given row to its distinct one (None: it is its own, in the given order)."""
    (x, known_x, xs), (t, known_t, ts), (age, known_age, ages) = map(_coded, (frequency, recency, T))
    groups = 1 if group is None else int(group.max(initial=0)) + 1
    if xs * ts * ages * groups >= _MOST_KEYS:
        ordered = np.argsort(frequency, kind="stable")
        counted = np.ones(len(frequency)) if count is None else count
        keyed = Keyed(np.argsort(ordered).astype(np.int64))
        return Rows(frequency, recency, T, counted, group).where(ordered), keyed
    keys = (x * ts + t) * ages + age
    keyed = Keyed(keys if group is None else keys * groups + group)
    if count is None:
        ordered = np.sort(keyed.keys)
        starts = np.flatnonzero(_firsts(ordered))
        counted = np.diff(starts, append=len(ordered)).astype(np.float64)
        keys = ordered[starts]
    else:
        order = np.argsort(keyed.keys)
        ordered = keyed.keys[order]
        starts = np.flatnonzero(_firsts(ordered))
        counted = np.add.reduceat(count[order], starts) if len(starts) else np.empty(0)
        keys = ordered[starts]
    which: Ints | None = None
    if group is not None:
        keys, which = np.divmod(keys, groups)
    rest, age = np.divmod(keys, ages)
    x, t = np.divmod(rest, ts)
    bought = _decoded(x, known_x).astype(np.int64)
    return Rows(bought, _decoded(t, known_t), _decoded(age, known_age), counted, which), keyed


def _decoded(codes: Ints, known: npt.NDArray | None) -> Floats:
    found: Floats = (codes if known is None else known[codes]).astype(np.float64)
    return found
