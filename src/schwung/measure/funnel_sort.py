"""Rows of many customers in order of customer and instant, in parts that fit a processor's cache.

Customer, instant and mask of a row are packed into one 64-bit number and only these are sorted: rows are first dealt out by
the higher digits of the customer, so that the lower ones suffice within a part.
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Rows = tuple[Ints, Ints, Ints]
PART = 500_000
"""Rows that are worked on at once."""
_MOST_CUSTOMER_BITS = 14
_MOST_DEALS = 1 << 16
_U = np.uint64


def ordered(rows: pa.Table) -> Iterator[Callable[[], Rows]]:
    """customer_id, happened_at, mask in parts of whole customers: whoever calls a part gets it in order. Masks are below 2^20."""
    if not rows.num_rows:
        return
    ids, at, mask = (rows[name].to_numpy() for name in ("customer_id", "happened_at", "mask"))
    masks = np.flatnonzero(np.bincount(mask))
    first = int(at.min())
    low = int(len(masks) - 1).bit_length()
    middle = int(int(at.max()) - first).bit_length()
    high = min(_MOST_CUSTOMER_BITS, 64 - low - middle)
    if high < 1 or int(ids.min()) < 0 or int(ids.max()) >> max(high, 0) >= _MOST_DEALS:
        yield from _plainly(ids, at, mask)
        return
    deal = (ids >> high).astype(np.uint16)
    order = np.argsort(deal, kind="stable")
    sizes = np.bincount(deal)
    code = np.zeros(int(masks[-1]) + 1, _U)
    code[masks] = np.arange(len(masks), dtype=_U)
    ends = np.cumsum(sizes)

    def sort(begin: int, end: int) -> Rows:
        """Deals from `begin` to before `end`."""
        bottom = int(ends[begin - 1]) if begin else 0
        places = order[bottom : ends[end - 1]]
        keys = (ids[places] & ((1 << high) - 1)).astype(_U) << _U(low + middle)
        keys |= ((at[places] - first).astype(_U) << _U(low)) | code[mask[places]]
        for deal_no in range(begin, end):
            keys[(ends[deal_no - 1] if deal_no else 0) - bottom : ends[deal_no] - bottom].sort()
        owners = np.repeat(np.arange(begin, end) << high, sizes[begin:end]) + (keys >> _U(low + middle)).astype(
            np.int64
        )
        instants = ((keys >> _U(low)) & _U((1 << middle) - 1)).astype(np.int64) + first
        return owners, instants, masks[(keys & _U((1 << low) - 1)).astype(np.int64)]

    for begin, end in _groups(ends):
        yield partial(sort, begin, end)


def _groups(ends: Ints) -> Iterator[tuple[int, int]]:
    """Deals that together have some `PART` rows: (first, one after the last)."""
    begin = 0
    while begin < len(ends):
        done = int(ends[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + PART, "right")))
        if int(ends[end - 1]) > done:
            yield begin, end
        begin = end


def _plainly(ids: Ints, at: Ints, mask: Ints) -> Iterator[Callable[[], Rows]]:
    """Where numbers are too large to be packed."""
    order = np.lexsort((at, ids))
    ids, at, mask = ids[order], at[order], mask[order].astype(np.int64)
    begin = 0
    while begin < len(ids):
        end = int(np.searchsorted(ids, ids[min(begin + PART, len(ids)) - 1], "right"))
        part = ids[begin:end], at[begin:end], mask[begin:end]
        yield lambda part=part: part  # type: ignore[misc]
        begin = end
