"""Friction: the money that a period lost where one phase hands customers over to the next.

Each outflow prices what befell customers in the period: cases × what comparable others did more × value. The counts are
facts; the interval is that of the comparison (95 %), which rests on the year before the end of the period.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from schwung.core.text import Text
from schwung.measure.inference import Difference, Estimate
from schwung.measure.missing import Missing

HandOver = Literal["attract_interact", "interact_delight", "delight_attract"]
HAND_OVERS: dict[HandOver, Text] = {
    "attract_interact": Text("Attract → Interact", "Anziehen → Interagieren"),
    "interact_delight": Text("Interact → Delight", "Interagieren → Begeistern"),
    "delight_attract": Text("Delight → Attract", "Begeistern → Anziehen"),
}
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long it took, beside the money and not priced. days: mean. usual: of those whom it is compared with."""

    title: Text
    days: float
    usual: float | None = None


@dataclass(frozen=True, slots=True)
class Outflow:
    """Money lost at one hand-over for one cause, in major units of the currency.

    amount: at least 0; low, high: 95 %. customers: distinct ones concerned in the period; cases: orders, carts, answers.
    before: of the period before, None where the facts do not reach back. trend: one a week for two years, oldest first.
    basis: the factors in one line. expected, happened, comparison: sentences.
    """

    name: str
    hand_over: HandOver
    title: Text
    cause: Text
    customers: int
    cases: int
    amount: float
    low: float
    high: float
    basis: Text
    expected: Text
    happened: Text
    comparison: Text
    waiting: Waiting | None = None
    before: float | None = None
    noise: float = 0.0
    trend: tuple[float | None, ...] = ()

    @property
    def error(self) -> float:
        """Standard error of the amount, before it is cut at 0."""
        return (self.high - self.amount) / _Z

    @property
    def change(self) -> float | None:
        return None if self.before is None else self.amount - self.before

    @property
    def is_clear(self) -> bool:
        """Whether its change exceeds what chance alone moves."""
        return self.change is not None and abs(self.change) > _Z * self.noise

    def to_json(self) -> dict[str, Any]:
        texts = {
            name: {"en": text.en, "de": text.de}
            for name in ("title", "cause", "basis", "expected", "happened", "comparison")
            if (text := getattr(self, name))
        }
        waiting = self.waiting and {
            "title": {"en": self.waiting.title.en, "de": self.waiting.title.de},
            "days": self.waiting.days,
            "usual": self.waiting.usual,
        }
        return {
            "name": self.name,
            "hand_over": self.hand_over,
            "amount": self.amount,
            "low": self.low,
            "high": self.high,
            "before": self.before,
            "customers": self.customers,
            "cases": self.cases,
            "waiting": waiting,
            **texts,
        }


@dataclass(frozen=True, slots=True)
class Friction:
    """All outflows of a period. missing: inputs without which an outflow is not known; the sum leaves it out."""

    outflows: tuple[Outflow, ...]
    missing: tuple[Missing, ...] = ()

    @property
    def estimate(self) -> Estimate:
        """The sum; outflows rest on different comparisons, so their errors add in squares."""
        if not self.outflows:
            return Estimate(None)
        amount = sum(flow.amount for flow in self.outflows)
        half = _Z * math.sqrt(sum(flow.error**2 for flow in self.outflows))
        return Estimate(amount, max(0.0, amount - half), amount + half, sum(flow.cases for flow in self.outflows))

    @property
    def before(self) -> float | None:
        known = [flow.before for flow in self.outflows if flow.before is not None]
        return sum(known) if known and len(known) == len(self.outflows) else None

    @property
    def difference(self) -> Difference | None:
        """Against the period before. Both are priced alike, so only the cases differ: they vary as counts do."""
        amount, before = self.estimate.value, self.before
        if amount is None or before is None:
            return None
        change = amount - before
        half = _Z * math.sqrt(sum(flow.noise**2 for flow in self.outflows))
        low, high = change - half, change + half
        word: Any = "clearly_higher" if low > 0 else "clearly_lower" if high < 0 else "no_clear_difference"
        return Difference(change, low, high, change / before if before else None, word)

    @property
    def trend(self) -> tuple[float | None, ...]:
        """The sum by week; None where an outflow is not known."""
        together = zip(*(flow.trend for flow in self.outflows), strict=True)
        return tuple(None if None in week else sum(part or 0.0 for part in week) for week in together)

    def at(self, hand_over: HandOver) -> tuple[Outflow, ...]:
        return tuple(flow for flow in self.outflows if flow.hand_over == hand_over)

    def lost_at(self, hand_over: HandOver) -> float | None:
        """Sum at one hand-over; None where nothing is known of it."""
        flows = self.at(hand_over)
        return sum(flow.amount for flow in flows) if flows else None

    def to_json(self) -> dict[str, Any]:
        found = self.estimate
        return {
            "amount": found.value,
            "low": found.low,
            "high": found.high,
            "before": self.before,
            "outflows": [flow.to_json() for flow in self.outflows],
            "missing": [lack.to_json() for lack in self.missing],
        }


def price(cases: float, rate: float, rate_error: float, value: float, value_error: float) -> tuple[float, float]:
    """(amount, standard error) of cases × rate × value; at least 0. Cases are counted, the other two estimated."""
    error = cases * math.hypot(value * rate_error, rate * value_error)
    return max(0.0, cases * rate * value), error


def known(flows: Sequence[Outflow | Missing]) -> Friction:
    """Outflows and what is missing, told apart."""
    return Friction(
        tuple(flow for flow in flows if isinstance(flow, Outflow)),
        tuple(flow for flow in flows if isinstance(flow, Missing)),
    )
