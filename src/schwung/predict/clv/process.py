"""What a purchase model must know: how customers buy and leave, given its parameters. Pure functions of rows."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from schwung.core.text import Text
from schwung.predict.clv.newton import Objective
from schwung.predict.clv.rows import Floats, Ints, Rows


@dataclass(frozen=True, slots=True)
class Coordinate:
    """A number that the search moves: the logarithm of a parameter or of a ratio of two, named in `said`.

    parameters: names of those that lose their meaning at its boundary. low, high: the box. low_means, high_means: what customers
    are like there, in words.
    """

    said: str
    parameters: tuple[str, ...]
    low: float
    high: float
    low_means: Text
    high_means: Text


@dataclass(frozen=True, eq=False)
class Chart:
    """log parameters = matrix @ coordinates."""

    matrix: Floats
    coordinates: tuple[Coordinate, ...]

    @property
    def low(self) -> Floats:
        return np.array([each.low for each in self.coordinates])

    @property
    def high(self) -> Floats:
        return np.array([each.high for each in self.coordinates])


class Process(Protocol):
    """p: parameters in the order of `parameters`. All results: one number per row; horizons in the clock of the rows."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> Text: ...

    @property
    def parameters(self) -> tuple[str, ...]: ...

    @property
    def clocked(self) -> tuple[str, ...]:
        """Parameters that are a length of time."""
        ...

    @property
    def covaried(self) -> tuple[str, ...]:
        """Parameters that covariates multiply: of how often customers buy, of how they leave."""
        ...

    @property
    def chart(self) -> Chart: ...

    def likelihood(self, rows: Rows) -> Objective:
        """Of the logarithms of the parameters."""
        ...

    def start(self, rows: Rows) -> Floats:
        """Coordinates of the chart from which the search goes out."""
        ...

    def alive(self, p: Floats, rows: Rows) -> Floats:
        """Probability to be a customer still."""
        ...

    def expected(self, p: Floats, rows: Rows, horizon: float) -> Floats:
        """Expected purchases within the horizon."""
        ...

    def pairs(self, p: Floats, rows: Rows, horizon: float) -> Floats:
        """E[Y(Y−1)] of the purchases Y within the horizon."""
        ...

    def silent(self, p: Floats, rows: Rows, horizon: float) -> Floats:
        """Probability of no purchase within the horizon; it may be infinite."""
        ...

    def waiting(self, p: Floats, rows: Rows, share: float) -> Floats:
        """Time until this share of those who buy again have bought again."""
        ...

    def discounted(self, p: Floats, rows: Rows, horizon: float, discount: float) -> Floats:
        """Expected purchases within the horizon, each times exp(−discount · time); the horizon may be infinite if discount > 0."""
        ...

    def draw(self, p: Floats, rows: Rows, horizon: float, random: np.random.Generator) -> Ints:
        """Purchases within the horizon, imagined once per row."""
        ...


def rate_coordinates() -> tuple[Coordinate, Coordinate]:
    """How alike customers' purchase rates are (ln r), and their mean (ln α/r)."""
    return (
        Coordinate(
            "r",
            ("r", "alpha"),
            -16.0,
            18.0,
            Text(
                "a few customers buy everything (r goes to 0)",
                "wenige Kunden kaufen alles (r geht gegen 0)",
            ),
            Text(
                "all customers buy at the same rate (r and α grow without bound)",
                "alle Kunden kaufen gleich oft (r und α wachsen unbegrenzt)",
            ),
        ),
        Coordinate(
            "α ÷ r",
            ("r", "alpha"),
            -30.0,
            30.0,
            Text("customers buy without pause (α ÷ r goes to 0)", "Kunden kaufen ohne Pause (α ÷ r geht gegen 0)"),
            Text(
                "customers hardly ever buy (α ÷ r grows without bound)",
                "Kunden kaufen fast nie (α ÷ r wächst unbegrenzt)",
            ),
        ),
    )
