"""One of the wheel's three measures: its value, its change, what moved it, its course."""

from dataclasses import dataclass
from typing import Any

from schwung.core.text import Text
from schwung.measure.inference import Difference, Estimate
from schwung.measure.missing import Missing


@dataclass(frozen=True, slots=True)
class Moved:
    """One part. value: its share of the measure now. change: what it adds to the measure's change; None without a period
    before. The changes of all parts are the change. is_clear: chance alone does not explain it."""

    name: str
    title: Text
    value: float
    change: float | None
    is_clear: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """estimate, before: 95 % intervals. trend: one value a week for two years, oldest first; None where not known.

    missing: why there is no value.
    """

    name: str
    estimate: Estimate
    before: Estimate | None = None
    difference: Difference | None = None
    moves: tuple[Moved, ...] = ()
    trend: tuple[float | None, ...] = ()
    is_too_few: bool = False
    missing: tuple[Missing, ...] = ()

    @property
    def was(self) -> float | None:
        """Value of the period before."""
        return None if self.before is None else self.before.value

    def to_json(self) -> dict[str, Any]:
        found, change = self.estimate, self.difference
        return {
            "value": None if self.is_too_few else found.value,
            "low": None if self.is_too_few else found.low,
            "high": None if self.is_too_few else found.high,
            "n": found.n,
            "before": self.was,
            "change": change and {"value": change.value, "low": change.low, "high": change.high, "word": change.word},
            "moved": [{"name": part.name, "value": part.value, "change": part.change} for part in self.moves],
            "missing": [lack.to_json() for lack in self.missing],
        }
