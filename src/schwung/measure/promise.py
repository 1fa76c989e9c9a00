"""Until when a promised delivery is in time."""

import ibis.expr.types as ir

from schwung.core.clock import DAY
from schwung.measure.scope import Scope


def due_at(scope: Scope, promised_at: ir.IntegerValue) -> ir.IntegerValue:
    """The last instant that keeps the promise: one that names no hour lasts to the end of its day."""
    is_day = scope.local(promised_at, ever=True) % DAY == 0
    return promised_at + is_day.ifelse(DAY - 1, 0)
