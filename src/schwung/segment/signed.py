"""Signed instants: one number says whether a customer is in, and when time alone could change that.

+flip: in, at least until flip. −flip: out, at least until flip. flip is a lower bound in microseconds since 1970.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

FAR = 7_258_118_400_000_000
"""Never, by time alone: 1 January 2200."""


def signed(holds: ir.BooleanValue, flip: ir.IntegerValue | int = FAR) -> ir.IntegerValue:
    """holds: never null. flip: null and later than FAR mean never."""
    if isinstance(flip, int):
        bound: ir.IntegerValue = ibis.literal(min(flip, FAR), "int64")
    else:
        bound = ibis.least(flip.fill_null(FAR), FAR)
    return ibis.cases((holds, bound), else_=-bound)


def every(values: Sequence[ir.IntegerValue]) -> ir.IntegerValue:
    """All in: the earliest flip. Some out: none can join before the last of those who are out moves."""
    return values[0] if len(values) == 1 else ibis.least(*values)


def some(values: Sequence[ir.IntegerValue]) -> ir.IntegerValue:
    """None in: the earliest flip. Some in: none can leave before the last of those who are in moves."""
    return values[0] if len(values) == 1 else ibis.greatest(*values)


def within(at: ir.IntegerValue, now: ir.IntegerValue, window: int | None) -> ir.IntegerValue:
    """Whether something that happened at an instant (null: never) lies within the window (now − N, now], and until when."""
    if window is None:
        return signed(at.notnull())
    holds = (at > now - window).fill_null(False)
    return signed(holds, ibis.cases((holds, at + window), else_=FAR))
