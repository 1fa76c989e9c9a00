"""A metric: a number with its definition, unit, direction, cuts, interval, texts, and a worked example."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.example import Example
from schwung.measure.scope import Scope

Unit = Literal["count", "share", "money", "ratio", "per_customer"]
Better = Literal["higher", "lower", "neither"]
Estimate = Literal["exact", "share", "odds", "mean", "ratio"]
Shape = Literal["flow", "state", "matrix"]


@dataclass(frozen=True, slots=True)
class Parts:
    """Named parts that a metric comes in: the column that names them in rows, and their texts by name."""

    column: str
    texts: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number, defined once.

    needs: fact tables. window_days: local days up to the last one, where no start is asked for; None: all facts.
    cuts: what it can be cut by. shape: `flow` counts what lies within the window, `state` holds at the end of each
    period, `matrix` is cohort × age.
    expression: Scope → an Ibis table of the cut columns and sufficient statistics, by estimate:
        exact: value (and n); with parts one column per part
        share, odds: hits, n
        mean: n, total, squares
        ratio: units, n, sum_x, sum_y, sum_xx, sum_yy, sum_xy (y ÷ x over units that are independent)
    and `guest_orders` where guests are left out. Money in minor units; inference brings it to major ones.
    least: fewer than this and a page says “too few” in place of the number.
    """

    name: str
    title: Text
    unit: Unit
    better: Better
    needs: tuple[str, ...]
    expression: Callable[[Scope], ir.Table]
    definition: Text
    leaves_out: Text
    reading: Text
    source: str
    cuts: tuple[str, ...]
    example: Example
    estimate: Estimate = "exact"
    shape: Shape = "flow"
    window_days: int | None = None
    per_customer: bool = False
    parts: Parts | None = None
    least: int = 0
    basis: Text = field(default=Text("orders", "Bestellungen"))

    @property
    def own_columns(self) -> tuple[str, ...]:
        """Columns that its rows have without being cut: `kind`, `part`, or those of a matrix."""
        if self.parts is not None:
            return (self.parts.column,)
        return ("cohort", "age") if self.shape == "matrix" else ()

    def __post_init__(self) -> None:
        if self.estimate != "exact" and not self.least:
            raise ValueError(f"{self.name}: an estimate says below which number it is too few")
