"""A metric: a number with its definition, unit, direction, cuts, interval, texts, and a worked example."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.example import Example
from schwung.measure.inference import BINNED, Kind
from schwung.measure.question import Question
from schwung.measure.scope import Scope
from schwung.measure.valuation import Valuation

Unit = Literal[
    "count", "share", "money", "ratio", "per_customer", "score", "rating", "duration", "months", "hours", "points"
]
"""score: −100 to 100. rating: a place on a scale. duration: seconds."""
Better = Literal["higher", "lower", "neither"]
Shape = Literal["flow", "state", "matrix"]
Subject = Literal[
    "customers", "attract", "interact", "delight", "money", "subscriptions", "loyalty", "messages", "service"
]
SUBJECTS: Mapping[Subject, Text] = {
    "customers": Text("Customers", "Kunden"),
    "attract": Text("Attract", "Anziehen"),
    "interact": Text("Interact", "Interagieren"),
    "delight": Text("Delight", "Begeistern"),
    "money": Text("Money", "Geld"),
    "subscriptions": Text("Subscriptions", "Abonnements"),
    "loyalty": Text("Loyalty", "Treue"),
    "messages": Text("Messages", "Nachrichten"),
    "service": Text("Service", "Service"),
}
Requires = Callable[[Valuation], tuple[str, ...]]


def always(*inputs: str) -> Requires:
    """Needs these, whatever the settings are."""
    return lambda value: inputs


NOTHING = always()


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
        ratio, log_ratio, yields: units, n, sum_x, sum_y, sum_xx, sum_yy, sum_xy (y ÷ x over units that are independent)
        net_promoter_score: promoters, detractors, n
        weighted_net_promoter_score: the same as sums of weights, weights, squared_weights, n
        cost_each: total, n
        median, ninetieth, money_mean, payback: several rows a slice, see `inference.BINNED`
        all others: as `inference.kinds` names them
    and `guest_orders` where guests are left out. Money in minor units; inference brings it to major ones.
    least: fewer than this and a page says “too few” in place of the number.
    requires: inputs (`measure.inputs`) without which there is no number, by what the company says of itself.
    remark: what the number rests on, by the same; stands beside it wherever it is shown.
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
    source: Text
    cuts: tuple[str, ...]
    example: Example
    subject: Subject = "customers"
    estimate: Kind = "exact"
    shape: Shape = "flow"
    window_days: int | None = None
    per_customer: bool = False
    parts: Parts | None = None
    least: int = 0
    basis: Text = field(default=Text("orders", "Bestellungen"))
    requires: Requires = NOTHING
    remark: Callable[[Question], Text | None] = lambda question: None

    @property
    def own_columns(self) -> tuple[str, ...]:
        """Columns that its rows have without being cut: `kind`, `part`, or those of a matrix."""
        if self.parts is not None:
            return (self.parts.column,)
        return ("cohort", "age") if self.shape == "matrix" else ()

    @property
    def bins(self) -> tuple[str, ...]:
        """Columns of the several rows in which the statistics of a slice come; none: one row a slice."""
        return BINNED.get(self.estimate, ())

    def __post_init__(self) -> None:
        if self.estimate != "exact" and not self.least:
            raise ValueError(f"{self.name}: an estimate says below which number it is too few")
