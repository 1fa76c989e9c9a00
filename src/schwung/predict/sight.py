"""What a model may see: the facts of a workspace up to a moment, and nothing that came later."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from schwung.core.clock import Instant
from schwung.measure.question import Question
from schwung.measure.scope import Scope
from schwung.predict.points import NONE, Points

Run = Callable[[ir.Table], pa.Table]
Keep = Callable[[str, Callable[[], ir.Table]], ir.Table]
"""(name, expression) → its rows, worked out once for this moment and kept while a model is at work."""


def _anew(name: str, build: Callable[[], ir.Table]) -> ir.Table:
    return build()


def _nobody() -> Sequence[Any]:
    return ()


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Sight:
    """scope: all facts up to its question's `as_of`, cut by nothing; the erased are not in them. run: brings rows.
    keep: for what a model asks several times. points, fits: rules of the lead points, and who meets each of those of fit.
    is_near: whether all orders may come into this process, where a pass over arrays costs a fraction of the engine's work.

    earlier: the same as it stood at an earlier moment, for backtests and for features before an outcome.
    Profiles have no past: what they say is of today, at whatever moment (`has_objected` holds for all of it).
    Where somebody asked for a beginning, it is the question's `since_on`: `scope.sales()` and the like hold what happened
    from that day on, and models of purchases leave out customers who first ordered before it.
    """

    scope: Scope
    run: Run
    earlier: Callable[[Instant], "Sight"]
    keep: Keep = _anew
    points: Points = NONE
    fits: Callable[[], Sequence[Any]] = _nobody
    is_near: Callable[[], bool] = _never

    @property
    def question(self) -> Question:
        return self.scope.question

    @property
    def as_of(self) -> Instant:
        return self.scope.question.as_of

    @property
    def objected(self) -> ir.Table:
        """customer_id of those who objected to profiling (Art. 21 GDPR): in no training, in no prediction."""
        return self.scope.table("profiles", False).filter(_.has_objected).select("customer_id")

    def without_objected(self, rows: ir.Table) -> ir.Table:
        """Rows with `customer_id`, less those of customers who objected, less guests."""
        return rows.filter(_.customer_id.notnull()).anti_join(self.objected, "customer_id")
