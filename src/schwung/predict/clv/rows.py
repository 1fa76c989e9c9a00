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

    @cached_property
    def by_age(self) -> tuple["Rows", Ints]:
        """Distinct (frequency, T), and the one of each row: of who is still a customer no more than that matters."""
        ages, known, many = _coded(self.T)
        keys, most = self.frequency * many + ages, (int(self.frequency.max(initial=0)) + 1) * many
        if most <= 4 * len(self) + 2**16:
            is_there = np.zeros(most, bool)
            is_there[keys] = True
            distinct, place = np.flatnonzero(is_there), (np.cumsum(is_there) - 1)[keys]
        else:
            distinct, place = np.unique(keys, return_inverse=True)
        frequency, age = np.divmod(distinct, many)
        none = np.zeros(len(distinct))
        return Rows(frequency, none, _decoded(age, known), none), place

    def where(self, chosen: npt.NDArray[np.bool_] | Ints | slice) -> "Rows":
        group = None if self.group is None else self.group[chosen]
        return Rows(self.frequency[chosen], self.recency[chosen], self.T[chosen], self.count[chosen], group)


@dataclass(frozen=True, eq=False)
class Keyed:
    """Customers in the order of their distinct rows. is_first: where the next distinct row begins."""

    order: Ints
    is_first: npt.NDArray[np.bool_]

    @cached_property
    def place(self) -> Ints:
        """Distinct row of each customer."""
        place = np.empty(len(self.order), np.int64)
        place[self.order] = np.cumsum(self.is_first) - 1
        return place


def _firsts(ordered: Ints) -> npt.NDArray[np.bool_]:
    first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


def _sorted(keys: Ints) -> tuple[Ints, Ints]:
    """The keys ascending, and which they are. With its place behind it a key is sorted in a fraction of what argsort takes."""
    bits = len(keys).bit_length()
    if int(keys.max(initial=0)).bit_length() + bits > 62:
        order = np.argsort(keys)
        return keys[order], order
    packed = np.sort((keys << bits) | np.arange(len(keys)))
    return packed >> bits, packed & ((1 << bits) - 1)


def _coded(values: npt.NDArray) -> tuple[Ints, Floats | None, int]:
    """Small integers that order as the values do; what they stand for (None: for themselves); how many are possible."""
    whole = values.astype(np.int64, copy=False)
    most = int(whole.max(initial=0)) + 1
    if most <= 2**20 and (whole is values or np.array_equal(whole, values)):
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
        order = np.argsort(frequency, kind="stable")
        counted = np.ones(len(frequency)) if count is None else count
        return Rows(frequency, recency, T, counted, group).where(order), Keyed(order, np.ones(len(order), bool))
    keys = (x * ts + t) * ages + age
    if group is not None:
        keys = keys * groups + group
    ordered, order = _sorted(keys)
    keyed = Keyed(order, _firsts(ordered))
    starts = np.flatnonzero(keyed.is_first)
    if count is None:
        counted = np.diff(starts, append=len(ordered)).astype(np.float64)
    else:
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
