"""What happened to a customer, how often, how much, when last: measures over one kind of event or fact.

A windowed condition is a comparison of one instant with now − N: “at least k in N” asks whether the k-th latest instant is
younger than N. The instant does not depend on now, so one measure serves all windows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.measure.step import FACTS, Step, columns_of, property_of
from schwung.segment.given import Given

Kind = Literal[
    "latest", "kth_latest", "kth_distinct", "sum_reached", "mean", "oldest", "first", "last",
]  # fmt: skip
"""latest: instant. kth_latest: of the k-th latest. sum_reached: latest from which back to now the sum reaches k.
kth_distinct: instant of the k-th latest value that was not seen later. oldest: earliest within the window. first, last: values.
mean, oldest, first, last may have a window that moves with now; the others have none."""
_SORTED = ("kth_latest", "sum_reached", "first", "last")
MICRO = 1_000_000
"""Properties that are no amounts of money are summed in millionths, so that no engine's order of addition shows."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One measure. step: which rows. of: a property. k: how many, or (sum_reached) the sum, money in major units.

    window: only rows younger than now − window; None: all.
    """

    step: Step
    kind: Kind
    of: str = ""
    k: float = 1
    window: int | None = None

    @property
    def part(self) -> "Rows | Distinct":
        if self.kind == "kth_distinct":
            return Distinct(self)
        return Rows(self.step.kind, self.step.name, self.kind in _SORTED)


@dataclass(frozen=True, slots=True)
class Rows:
    """All measures of one event or fact that need no order, or all that need one: a single sort."""

    kind: str
    name: str
    is_sorted: bool

    def build(self, needs: Mapping[Happened, str], given: Given) -> ir.Table:
        rows = rows_of(self.kind, self.name, given)
        windows = [need.window for need in needs]
        if None not in windows:
            rows = rows.filter(rows.happened_at > given.now - max(window for window in windows if window))
        values, carried = {}, {}
        for need, name in needs.items():
            holds, number = _holds(rows, need, given), _number(rows, need, given)
            if need.kind in ("kth_latest", "sum_reached"):
                amount = (
                    ibis.greatest(number.fill_null(0), 0) if need.kind == "sum_reached" else ibis.literal(1, "int64")
                )
                carried[f"{name}_so_far"] = (
                    ibis.cases((holds, amount), else_=0).sum().over(_newest_first(rows, self.kind))
                )
            elif need.kind in ("first", "last"):
                order = _newest_first(rows, self.kind) if need.kind == "last" else _oldest_first(rows, self.kind)
                carried[f"{name}_so_far"] = ibis.cases((holds, 1), else_=0).sum().over(order)
            carried[f"{name}_holds"], carried[f"{name}_number"] = holds, number
        rows = rows.mutate(**carried)
        for need, name in needs.items():
            values[name] = _aggregate(rows, need, name, given)
        return rows.group_by("customer_id").agg(**values)


@dataclass(frozen=True, slots=True)
class Distinct:
    """One measure of distinct values."""

    of: Happened

    def build(self, needs: Mapping[Happened, str], given: Given) -> ir.Table:
        (need, name), *_rest = needs.items()
        rows = rows_of(need.step.kind, need.step.name, given)
        rows = rows.filter(_holds(rows, need, given))
        value = property_of(rows, need.step.kind, need.of).cast("string")
        latest = (
            rows.mutate(value=value)
            .filter(_.value.notnull())
            .group_by("customer_id", "value")
            .agg(seen_at=_.happened_at.max())
        )
        place = ibis.row_number().over(group_by="customer_id", order_by=[ibis.desc("seen_at"), "value"])
        found = latest.mutate(place=place).filter(_.place == need.k - 1)
        return found.select("customer_id", **{name: _.seen_at})


def rows_of(kind: str, name: str, given: Given) -> ir.Table:
    """Rows of one event or fact of known customers, up to now, with their instant as `happened_at`; cancelled orders are none."""
    rows = given.table("events" if kind == "event" else kind, True)
    if kind != "event":
        rows = rows.mutate(happened_at=rows[str(FACTS[kind].time)])
    rows = rows.filter(rows.customer_id.notnull(), rows.happened_at <= given.now)
    if kind == "event":
        rows = rows.filter(rows["name"] == name)
    return rows.filter(~rows.is_cancelled) if kind == "orders" else rows


def unit_of(step: Step, of: str, given: Given) -> int:
    """Into how many parts one unit of a property is cut where it is added up: minor units of money, millionths of others."""
    return given.scale if columns_of(step.kind).get(of, "").endswith("_minor") else MICRO


def _number(rows: ir.Table, need: Happened, given: Given) -> Any:
    """The property as a whole number of `unit_of`; of first and last as it is. Money in a foreign currency is null."""
    if not need.of:
        return ibis.null("int64")
    column = columns_of(need.step.kind).get(need.of, "")
    if column.endswith("_minor"):
        own = rows.currency.isnull() | (rows.currency == given.question.currency)
        return ibis.cases((own, rows[column]))
    value = property_of(rows, need.step.kind, need.of)
    if need.kind in ("first", "last"):
        return value.cast("string")
    number = value.try_cast("float64") if value.type().is_string() else value.cast("float64")
    return (number * MICRO).round().cast("int64")


def _holds(rows: ir.Table, need: Happened, given: Given) -> ir.BooleanValue:
    tests: list[ir.BooleanValue] = [rows.happened_at <= given.now]  # of a column, also where nothing else is asked
    if need.step.where:
        tests.append(need.step.holds(rows))
    if need.window is not None:
        tests.append(rows.happened_at > given.now - need.window)
    if need.kind in ("mean", "first", "last", "sum_reached") and need.of:
        tests.append(_number(rows, need, given).notnull())
    return reduce(lambda one, other: one & other, tests)


def _aggregate(rows: ir.Table, need: Happened, name: str, given: Given) -> ir.Value:
    at, holds, number = rows.happened_at, rows[f"{name}_holds"], rows[f"{name}_number"]
    if need.kind in ("first", "last"):
        return number.max(where=holds & (rows[f"{name}_so_far"] == 1))
    if need.kind == "kth_latest":
        return at.max(where=holds & (rows[f"{name}_so_far"] == need.k))
    if need.kind == "sum_reached":
        bound = round(need.k * unit_of(need.step, need.of, given))
        return at.max(where=holds & (rows[f"{name}_so_far"] >= bound))
    found: dict[str, Any] = {
        "latest": lambda: at.max(where=holds),
        "oldest": lambda: at.min(where=holds),
        "mean": lambda: number.sum(where=holds).cast("float64") / number.count(where=holds).nullif(0),
    }
    value: ir.Value = found[need.kind]()
    return value


def _keys(kind: str) -> tuple[str, ...]:
    """What tells rows of one instant apart."""
    return ("event_no",) if kind == "event" else FACTS[kind].key


def _newest_first(rows: ir.Table, kind: str) -> Any:
    order = [ibis.desc("happened_at"), *(ibis.desc(name) for name in _keys(kind))]
    return ibis.window(group_by="customer_id", order_by=order, preceding=None, following=0)


def _oldest_first(rows: ir.Table, kind: str) -> Any:
    return ibis.window(group_by="customer_id", order_by=["happened_at", *_keys(kind)], preceding=None, following=0)
