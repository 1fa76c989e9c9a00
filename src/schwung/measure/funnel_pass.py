"""Each customer's way through a funnel in one pass over arrays: what `funnel_carry` says, at the speed of memory.

Customers are sorted in parts, which the processors share. Of each step only its own rows are looked at: the last row of
the step before is found by bisection, and with it the latest start that came so far.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa

from schwung.measure.funnel import Funnel
from schwung.measure.funnel_rows import OTHER, gap_bit, step_bit
from schwung.measure.funnel_sort import Ints, ordered

_NEVER = 2**62


def ways(funnel: Funnel, rows: pa.Table) -> pa.Table:
    """rows: customer_id, happened_at, mask in any order. The columns of `funnel_carry.ways`."""
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        parts = list(pool.map(lambda part: _ways(funnel, *part()), ordered(rows)))
    customers = np.concatenate([part[0] for part in parts]) if parts else np.empty(0, np.int64)
    level = np.concatenate([part[1] for part in parts]) if parts else np.empty(0, np.int64)
    columns = {"customer_id": pa.array(customers, pa.int64()), "level": pa.array(level, pa.int64())}
    for nth in range(len(funnel.steps)):
        times = np.concatenate([part[2][nth] for part in parts]) if parts else np.empty(0, np.int64)
        columns[f"t{nth + 1}"] = pa.array(times, pa.int64(), mask=level <= nth)
    return pa.table(columns)


def _ways(funnel: Funnel, ids: Ints, at: Ints, mask: Ints) -> tuple[Ints, Ints, Ints]:
    ids, at, mask = _moments(ids, at, mask)
    return _any_order(funnel, ids, at, mask) if funnel.order == "any" else _Carries(funnel, ids, at, mask).ways()


def _moments(ids: Ints, at: Ints, mask: Ints) -> tuple[Ints, Ints, Ints]:
    """Rows of one instant become one with the bits of all."""
    same = (ids[1:] == ids[:-1]) & (at[1:] == at[:-1])
    if not same.any():
        return ids, at, mask
    first = np.flatnonzero(np.concatenate(([True], ~same)))
    return ids[first], at[first], np.bitwise_or.reduceat(mask, first)


class _Carries:
    """Per step: rows that reached it, the row at which each way began, and where its step before stands in that step's list."""

    def __init__(self, funnel: Funnel, ids: Ints, at: Ints, mask: Ints) -> None:
        self._funnel, self._ids, self._at, self._mask = funnel, ids, at, mask
        self._rows = [self._with(step_bit(0))]
        self._before: list[Ints] = [np.empty(0, np.int64)]
        starts = self._rows[0]
        for nth in range(1, len(funnel.steps)):
            starts = self._step(nth, starts)
        first = self._firsts(0)
        self._customers = ids[self._rows[0][first]]

    def _with(self, bit: int) -> Ints:
        return np.flatnonzero(self._mask & bit)

    def _step(self, nth: int, starts: Ints) -> Ints:
        """The rows of one step; starts: rows at which the ways of the step before began. Those of this step's ways."""
        ids, at, known = self._ids, self._at, self._rows[-1]
        rows = self._with(step_bit(nth))
        place = np.searchsorted(known, rows, "left" if self._funnel.later else "right") - 1
        rows, place = rows[place >= 0], place[place >= 0]
        begun = starts[place]
        ok = (ids[begun] == ids[rows]) & (at[rows] - at[begun] <= self._funnel.window)
        if any(nth in one.after for one in self._funnel.exclude):
            out = self._with(gap_bit(self._funnel, nth))
            ok &= np.searchsorted(out, rows, "left") <= np.searchsorted(out, known[place], "right")
        self._rows.append(rows[ok])
        self._before.append(place[ok])
        return begun[ok]

    def _firsts(self, nth: int) -> Ints:
        """Places in a step's list where another customer begins."""
        ids = self._ids[self._rows[nth]]
        return np.flatnonzero(np.concatenate(([True], ids[1:] != ids[:-1]))) if len(ids) else np.empty(0, np.int64)

    def ways(self) -> tuple[Ints, Ints, Ints]:
        """Customers, their levels, and times by step and customer."""
        steps, count = len(self._rows), len(self._customers)
        first = np.full((steps, count), -1, np.int64)  # place of the customer's first row in each step's list
        for nth in range(steps):
            found = self._firsts(nth)
            first[nth, np.searchsorted(self._customers, self._ids[self._rows[nth][found]])] = found
        level = self._strict(first) if self._funnel.order == "strict" else (first >= 0).sum(axis=0)
        times = np.zeros((steps, count), np.int64)
        for nth in range(steps):
            ended = np.flatnonzero(level == nth + 1)
            place = first[nth, ended]
            times[nth, ended] = self._at[self._rows[nth][place]]
            for back in range(nth, 0, -1):
                place = self._before[back][place]
                times[back - 1, ended] = self._at[self._rows[back - 1][place]]
        return self._customers, level.astype(np.int64), times

    def _strict(self, first: Ints) -> Ints:
        """Steps reached before the first event out of turn; at one instant other events come first, then steps in order."""
        steps = len(first)
        reached = [np.where(places >= 0, rows[places] if len(rows) else 0, _NEVER) for rows, places in zip(self._rows, first, strict=True)]  # fmt: skip
        begun = reached[0]
        stop = self._next(self._with(OTHER), begun, "right") * 16
        for nth in range(1, steps):
            met = self._next(self._with(step_bit(nth)), begun, "left")
            out_of_turn = (met < _NEVER // 16) & (reached[nth - 1] > met)
            stop = np.where(out_of_turn, np.minimum(stop, met * 16 + nth + 1), stop)
        level = np.ones(len(begun), np.int64)
        for nth in range(1, steps):
            level += (reached[nth] < _NEVER) & (np.minimum(reached[nth], _NEVER // 16) * 16 + nth + 1 < stop)
        return level

    def _next(self, rows: Ints, begun: Ints, side: str) -> Ints:
        """Per customer the first of `rows` from its beginning on (`left`), or after it (`right`); else far away."""
        far = np.full(len(begun), _NEVER // 16, np.int64)
        if not len(rows):
            return far
        place = np.searchsorted(rows, begun, side)  # type: ignore[call-overload]
        found = rows[np.minimum(place, len(rows) - 1)]
        return np.where((place < len(rows)) & (self._ids[found] == self._customers), found, far)


def _any_order(funnel: Funnel, ids: Ints, at: Ints, mask: Ints) -> tuple[Ints, Ints, Ints]:
    """The most steps within one window that ends at an event; of several the first."""
    steps, count = len(funnel.steps), len(ids)
    here = np.arange(count)
    out = np.full(count, -1, np.int64)
    if funnel.exclude and count:
        last = np.maximum.accumulate(np.where(mask & gap_bit(funnel, 1), here, -1))
        out[1:] = last[:-1]
    latest = np.full((steps, count), _NEVER, np.int64)
    for nth in range(steps):
        row = np.maximum.accumulate(np.where(mask & step_bit(nth), here, -1)) if count else here
        safe = np.maximum(row, 0)
        ok = (row >= 0) & (ids[safe] == ids) & (at - at[safe] <= funnel.window)
        ok &= (row >= out) | (ids[np.maximum(out, 0)] != ids)
        latest[nth] = np.where(ok, at[safe], _NEVER)
    reached = (latest < _NEVER).sum(axis=0)
    # Per customer the greatest level, of several the earliest row.
    order = np.lexsort((here, -reached, ids))
    best = order[np.concatenate(([True], ids[order][1:] != ids[order][:-1]))] if count else order
    best = best[reached[best] > 0]
    return ids[best], reached[best].astype(np.int64), np.sort(latest[:, best], axis=0)
