"""One thing, then another within a time, without a third in between."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.measure.step import Step
from schwung.segment.given import Given
from schwung.segment.happened import rows_of


@dataclass(frozen=True, slots=True)
class Followed:
    """Instant of the latest `then` that has a `first` before it, at most `within` µs before, and no `without` in between.

    Before means at an earlier instant; what happens at one instant has no order.
    """

    first: Step
    then: Step
    within: int | None = None
    without: Step | None = None

    @property
    def part(self) -> "Followed":
        """The same without the time: sequences that differ by it alone share the sorting, which is what costs."""
        return replace(self, within=None)

    def build(self, needs: Mapping["Followed", str], given: Given) -> ir.Table:
        marked = [
            self._marked(step, mark, given) for mark, step in enumerate((self.first, self.then, self.without)) if step
        ]
        rows = marked[0].union(*marked[1:])
        at = rows.group_by("customer_id", "happened_at").agg(
            is_first=(_["mark"] == 0).any(), is_then=(_["mark"] == 1).any(), is_without=(_["mark"] == 2).any()
        )
        before = ibis.window(group_by="customer_id", order_by="happened_at", preceding=(None, 1))
        at = at.mutate(
            first_at=ibis.cases((_.is_first, _.happened_at)).max().over(before),
            without_at=ibis.cases((_.is_without, _.happened_at)).max().over(before),
        )
        found = at.filter(at.is_then, at.first_at.notnull(), at.without_at.isnull() | (at.without_at <= at.first_at))
        gap = _.happened_at - _.first_at
        return found.group_by("customer_id").agg(
            **{
                name: (_.happened_at if one.within is None else ibis.cases((gap <= one.within, _.happened_at))).max()
                for one, name in needs.items()
            }
        )

    @staticmethod
    def _marked(step: Step, mark: int, given: Given) -> ir.Table:
        rows = rows_of(step.kind, step.name, given)
        if step.where:
            rows = rows.filter(step.holds(rows))
        return rows.select("customer_id", "happened_at", mark=ibis.literal(mark, "int8"))
