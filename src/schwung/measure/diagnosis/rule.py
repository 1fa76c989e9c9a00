"""A rule: when it speaks, what the user may set, and what it says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schwung.core.period import Period
from schwung.core.text import Text
from schwung.measure.answer import Row, Run
from schwung.measure.diagnosis.change import Change
from schwung.measure.diagnosis.finding import Finding, Link, Money, Phase, Sort
from schwung.measure.flywheel import Flywheel
from schwung.measure.friction import Outflow
from schwung.measure.rolling import Windows
from schwung.measure.scope import Scope

Read = Callable[[Callable[[Scope], ir.Table]], pa.Table]
"""Rows of what is built on a scope, which may be built once for many moments."""
SERIES = ("rule", "slice", "day", "n", "total", "squares")


@dataclass(frozen=True, slots=True)
class Threshold:
    """What the user may set. unit: `share`, `ratio`, `count`. text: what it means, after “Speaks where …”."""

    default: float
    unit: Literal["share", "ratio", "count"]
    text: Text
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Context:
    """What rules read. wheel: the period's flywheel, worked out when the first rule reads it. ask: a metric by (name, cut or None, last days) → rows; none where an input is missing.

    read: of all series at once. metric_rows: of the period's days; limits: thresholds in force by rule.
    """

    scope: Scope
    period: Period
    run: Run
    read: Read
    wheel: Callable[[], Flywheel]
    ask: Callable[[str, str | None, int | None], Sequence[Row]]
    limits: Mapping[str, float]

    @property
    def flywheel(self) -> Flywheel:
        return self.wheel()

    @property
    def currency(self) -> str:
        return self.scope.question.currency

    def one(self, name: str, days: int | None = None) -> Row | None:
        """A metric that is not cut; None where it is missing or rests on too few."""
        rows = self.ask(name, None, days)
        row = rows[0] if len(rows) == 1 else None
        return None if row is None or row.too_few or row.estimate.value is None else row

    def outflow(self, name: str) -> Outflow | None:
        return next((flow for flow in self.flywheel.friction.outflows if flow.name == name), None)


@dataclass(frozen=True)
class Rule:
    """sort `standing`: `judge` tells of a state. sort `change`: `series` gives a table (slice, day, n, total, squares) that
    is compared with earlier periods, and `say` makes a finding of what is clearly worse.

    follow_days: so long it takes until an outcome is known. cumulated: see `changes`. unites: rules that must speak
    together. threshold of a change: by which share the number must be off.
    """

    name: str
    title: Text
    sort: Sort
    phase: Phase
    definition: Text
    threshold: Threshold
    judge: Callable[["Rule", Context], Sequence[Finding]] | None = None
    series: Callable[[Scope, Windows], ir.Table] | None = None
    say: Callable[["Rule", Context, Change], Finding] | None = None
    better: Literal["higher", "lower"] = "lower"
    follow_days: int = 0
    least: int = 100
    cumulated: bool = False
    unites: tuple[str, ...] = field(default=())

    def limit(self, context: Context) -> float:
        return context.limits.get(self.name, self.threshold.default)

    def finding(self, claim: Text, evidence: Sequence[Any], action: Link, look: Link, **more: Any) -> Finding:
        return Finding(self.name, self.sort, self.phase, claim, tuple(evidence), action, look, **more)


def off_by(default: float = 0.1) -> Threshold:
    """Of rules about changes."""
    return Threshold(
        default,
        "share",
        Text(
            "the number is off the usual by at least this share, and chance does not explain it",
            "die Zahl um mindestens diesen Anteil vom Üblichen abweicht und Zufall es nicht erklärt",
        ),
    )


def counted(
    rows: ir.Table, *, day: ir.IntegerValue, n: Any, total: Any, squares: Any = None, slice: Any = None
) -> ir.Table:
    """A series from single rows."""
    whole = rows.select(
        slice=ibis.literal("") if slice is None else slice,
        day=day.cast("int64"),
        n=ibis.literal(n, "int64") if isinstance(n, int) else n.cast("int64"),
        total=ibis.literal(total, "int64") if isinstance(total, int) else total.cast("int64"),
        squares=(ibis.literal(total, "int64") if isinstance(total, int) else total.cast("int64"))
        if squares is None
        else squares.cast("int64"),
    ).filter(lambda one: one.slice.notnull(), lambda one: one.day.notnull())
    found = whole.group_by(["slice", "day"]).agg(n=whole.n.sum(), total=whole.total.sum(), squares=whole.squares.sum())
    return found.cast({"slice": "string", **dict.fromkeys(("day", "n", "total", "squares"), "int64")})


def priced(change: Change, each: float, low: float, high: float, basis: Text) -> Money:
    """What the excess costs where each case costs so much; both intervals together."""
    import math

    cases = change.excess
    assert cases.value is not None and cases.low is not None and cases.high is not None
    amount = max(0.0, cases.value * each)
    down = math.hypot((cases.value - cases.low) * each, cases.value * (each - low))
    up = math.hypot((cases.high - cases.value) * each, cases.value * (high - each))
    return Money(amount, max(0.0, amount - down), amount + up, basis)
