"""The effect of an arm against the control: absolute or relative, fixed or always valid, adjusted by the time before.

Fixed: Welch's t. Relative: delta method. Always valid: the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha,
Kennedy and Ramdas (2021), which holds at all looks together. Adjusted: CUPED, Deng, Xu, Kohavi and Walker (2013).
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

import scipy

from schwung.act.experiment.arm import Arm
from schwung.core.errors import InputError
from schwung.core.text import Text

Scale = Literal["absolute", "relative"]
Moments = tuple[int, float, float]
"""n, mean, variance of one customer."""
TUNED_FOR = 5_000
"""Customers of both arms at which an always valid interval is narrowest, unless said otherwise."""


@dataclass(frozen=True, slots=True)
class Effect:
    """value: treated − control, or its ratio to control (0.1: a tenth more). p_value: None where the interval is always valid.

    variance_ratio: what the adjustment left of the variance; 1: nothing was adjusted.
    """

    value: float
    low: float
    high: float
    standard_error: float
    p_value: float | None
    scale: Scale
    is_always_valid: bool
    level: float
    n_control: int
    n_treated: int
    variance_ratio: float = 1.0

    @property
    def word(self) -> Text:
        """What it says, for people."""
        if self.low > 0:
            return Text("clearly higher", "deutlich höher")
        if self.high < 0:
            return Text("clearly lower", "deutlich niedriger")
        return Text("no clear difference", "kein klarer Unterschied")

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def effect(
    control: Arm, treated: Arm, *, scale: Scale = "absolute", level: float = 0.95, always_valid: bool = False,
    tuned_for: int = TUNED_FOR,
) -> Effect:  # fmt: skip
    """level: of the interval. always_valid: it may be looked at as often as one likes. tuned_for: see TUNED_FOR.

    Where both arms know the time before, the effect is adjusted by it. InputError for a relative effect against a mean of 0.
    """
    before, after, ratio = _adjusted(control, treated)
    (n, mean, variance), (m, other, spread) = before, after
    if scale == "relative" and mean == 0:
        raise InputError(
            "control_is_zero",
            Text("The control's mean is 0; nothing can be relative to it.", "Das Mittel der Vergleichsgruppe ist 0; dazu lässt sich nichts ins Verhältnis setzen."),
            Text("Ask for the absolute effect.", "Nach der absoluten Wirkung fragen."),
        )  # fmt: skip
    if scale == "absolute":
        value, squared = other - mean, spread / m + variance / n
    else:
        value = (other - mean) / mean
        squared = spread / (m * mean**2) + variance * other**2 / (n * mean**4)
    error = math.sqrt(squared)
    if always_valid:
        half, p = _always_valid(squared * (n + m), n + m, level, tuned_for), None
    else:
        freedom = _freedom(n, variance, m, spread)
        half = float(scipy.stats.t.ppf(0.5 + level / 2, freedom)) * error
        p = float(2 * scipy.stats.t.sf(abs(value) / error, freedom)) if error else (0.0 if value else 1.0)
    return Effect(value, value - half, value + half, error, p, scale, always_valid, level, control.n, treated.n, ratio)


def valid_half(squared: float, n: int, *, level: float = 0.95, tuned_for: int = TUNED_FOR) -> float:
    """Half width that holds at all looks together, of an estimate from n customers with this squared standard error."""
    return _always_valid(squared * n, n, level, tuned_for)


def _always_valid(variance: float, n: int, level: float, tuned_for: int) -> float:
    """Half width at n customers. variance: of one of them, as if the effect were a mean."""
    alpha = 1 - level
    rho = (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / tuned_for
    grown = n * rho + 1
    return math.sqrt(variance) * math.sqrt(2 * grown * math.log(math.sqrt(grown) / alpha) / (n * n * rho))


def _freedom(n: int, variance: float, m: int, spread: float) -> float:
    one, two = variance / n, spread / m
    below = one * one / (n - 1) + two * two / (m - 1)
    return (one + two) ** 2 / below if below else math.inf


def _adjusted(control: Arm, treated: Arm) -> tuple[Moments, Moments, float]:
    """Means less what the time before explains, by one slope for both arms; the share of the variance that is left."""
    if not (control.is_paired and treated.is_paired):
        return (control.n, control.mean, control.variance), (treated.n, treated.mean, treated.variance), 1.0
    pooled = [_centered(arm) for arm in (control, treated)]
    own, before, cross = (sum(one[place] for one in pooled) for place in range(3))
    slope = cross / before if before else 0.0
    center = sum(_of(arm.before_total) for arm in (control, treated)) / (control.n + treated.n)
    moments = []
    for arm, (outcome, past, both) in zip((control, treated), pooled, strict=True):
        left = max(0.0, outcome - 2 * slope * both + slope * slope * past)
        moments.append((arm.n, arm.mean - slope * (_of(arm.before_total) / arm.n - center), left / (arm.n - 1)))
    ratio = 1 - cross * cross / (own * before) if own and before else 1.0
    return moments[0], moments[1], ratio


def _centered(arm: Arm) -> tuple[float, float, float]:
    """Sums of squares about the means: outcome, before, their product."""
    before, past, cross = _of(arm.before_total), _of(arm.before_squares), _of(arm.cross)
    own = arm.squares - arm.total * arm.total / arm.n
    return own, past - before * before / arm.n, cross - arm.total * before / arm.n


def _of(value: float | None) -> float:
    assert value is not None
    return value
