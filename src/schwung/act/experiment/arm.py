"""What is known of one arm: sums over its customers, as an engine aggregates them."""

import math
from dataclasses import dataclass

from schwung.core.errors import InputError
from schwung.core.text import Text


@dataclass(frozen=True, slots=True)
class Arm:
    """n customers; total and squares: sums of the outcome and of its square. before_…: the same of the outcome in a period
    before the experiment; cross: sum of outcome × before. Without them (None) the effect is not adjusted.

    InputError for fewer than two customers, or sums that no values can have.
    """

    n: int
    total: float
    squares: float
    before_total: float | None = None
    before_squares: float | None = None
    cross: float | None = None

    def __post_init__(self) -> None:
        least = self.total * self.total / self.n if self.n > 0 else math.inf
        if self.n < 2 or not math.isfinite(self.squares) or self.squares < least * (1 - 1e-9) - 1e-9:
            raise InputError(
                "arm_wrong",
                Text(
                    "An arm needs at least two customers, and sums that fit each other.",
                    "Eine Gruppe braucht mindestens zwei Kunden und Summen, die zueinander passen.",
                ),
                Text("Check n, total and squares.", "n, Summe und Quadratsumme prüfen."),
            )

    @classmethod
    def of_share(cls, hits: int, n: int) -> "Arm":
        """Of an outcome that is yes or no."""
        return cls(n, float(hits), float(hits))

    @property
    def mean(self) -> float:
        return self.total / self.n

    @property
    def variance(self) -> float:
        """Of one customer; of a share p (1 − p), else with n − 1."""
        if self.squares == self.total:
            return self.mean * (1 - self.mean)
        return max(0.0, (self.squares - self.total * self.total / self.n) / (self.n - 1))

    @property
    def is_paired(self) -> bool:
        return None not in (self.before_total, self.before_squares, self.cross)

    @property
    def left_by_before(self) -> float:
        """Share of the variance that the time before does not explain; 1 where it is not known or says nothing."""
        if self.before_total is None or self.before_squares is None or self.cross is None:
            return 1.0
        own, past = self.squares - self.total**2 / self.n, self.before_squares - self.before_total**2 / self.n
        both = self.cross - self.total * self.before_total / self.n
        return max(0.0, 1 - both * both / (own * past)) if own > 0 and past > 0 else 1.0
