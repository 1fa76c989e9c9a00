"""Response curves: what effort brings, with its slope, its bend, and the effort at which the next unit brings just so much."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from schwung.core.errors import InputError
from schwung.core.text import Text

_STEPS = 60


@dataclass(frozen=True, slots=True)
class Shape:
    """A family of curves, for b = 1 and k = 1: value, slope, second derivative at x > 0, given n. inverse: x of a slope, in the
    part that bends down; top: where that part begins. has_n: n is a parameter of it."""

    title: Text
    formula: str
    value: Callable[[float, float], float]
    slope: Callable[[float, float], float]
    bend: Callable[[float, float], float]
    inverse: Callable[[float, float], float]
    top: Callable[[float], float] = field(default=lambda n: 0.0)
    has_n: bool = False


def _back(x: float, n: float) -> float:
    """x⁻ⁿ, without end below."""
    return math.exp(min(700.0, -n * math.log(x)))


def _hill(x: float, n: float) -> float:
    return 1.0 / (1.0 + _back(x, n)) if x > 0 else 0.0


def _hill_slope(x: float, n: float) -> float:
    if x <= 0:
        return math.inf if n < 1 else 1.0 if n == 1 else 0.0
    back = _back(x, n)
    return n / x / (1.0 + back) * (back / (1.0 + back))


def _hill_bend(x: float, n: float) -> float:
    share = _hill(x, n)
    return _hill_slope(x, n) * (n * (1.0 - 2.0 * share) - 1.0) / x


def _hill_top(n: float) -> float:
    return ((n - 1.0) / (n + 1.0)) ** (1.0 / n) if n > 1 else 0.0


def _hill_inverse(slope: float, n: float) -> float:
    """By Newton: the logarithm of the slope is concave in that of x, so from beyond the steps never pass the answer."""
    at = math.log(n / slope) / (n + 1)
    for _ in range(_STEPS):
        back = math.exp(min(700.0, -n * at))
        off = math.log(n / slope) - (n + 1) * at - 2 * math.log1p(back)
        falls = n + 1 - 2 * n * back / (1 + back)
        if falls <= 0 or off >= 0:
            break
        at += off / falls
        if -off <= 1e-15 * falls:
            break
    return math.exp(at)


SHAPES: Mapping[str, Shape] = {
    "log": Shape(
        Text("logarithm", "Logarithmus"), "b·ln(1 + x/k)",
        lambda x, n: math.log1p(x), lambda x, n: 1 / (1 + x), lambda x, n: -1 / (1 + x) ** 2, lambda p, n: 1 / p - 1,
    ),
    "exponential": Shape(
        Text("exponential saturation", "exponentielle Sättigung"), "b·(1 − e^(−x/k))",
        lambda x, n: -math.expm1(-x), lambda x, n: math.exp(-x), lambda x, n: -math.exp(-x), lambda p, n: -math.log(p),
    ),
    "logistic": Shape(
        Text("logistic saturation", "logistische Sättigung"), "b·tanh(x/2k)",
        lambda x, n: math.tanh(x / 2), lambda x, n: (1 - math.tanh(x / 2) ** 2) / 2,
        lambda x, n: -math.tanh(x / 2) * (1 - math.tanh(x / 2) ** 2) / 2, lambda p, n: 2 * math.acosh(math.sqrt(max(1.0, 0.5 / p))),
    ),
    "power": Shape(
        Text("power", "Potenz"), "b·(x/k)^n, n ≤ 1",
        lambda x, n: x**n, lambda x, n: n * x ** (n - 1) if x > 0 else (math.inf if n < 1 else 1.0), lambda x, n: n * (n - 1) * x ** (n - 2) if x > 0 else -math.inf,
        lambda p, n: (n / p) ** (1 / (1 - n)) if n < 1 else (math.inf if p < 1 else 0.0), has_n=True,
    ),
    "hill": Shape(Text("Hill, S-shaped from n > 1 on", "Hill, S-förmig ab n > 1"), "b·xⁿ/(xⁿ + kⁿ)", _hill, _hill_slope, _hill_bend, _hill_inverse, _hill_top, has_n=True),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Curve:
    """What an effort x ≥ 0 brings. b: the scale (where it saturates: the ceiling). k: the effort at which it bends. n: steepness."""

    kind: str
    b: float
    k: float
    n: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in SHAPES:
            raise curve_wrong(Text("kinds are {names}", "Arten sind {names}").fill(names=", ".join(SHAPES)), self.kind)
        if not (0 < self.k < math.inf and 0 <= self.b < math.inf):
            raise curve_wrong(
                Text("k must be above 0 and b not below it", "k muss über 0 liegen und b darf nicht darunter liegen"),
                f"b = {self.b}, k = {self.k}",
            )
        most = 1.0 if self.kind == "power" else 20.0
        if SHAPES[self.kind].has_n and not 0.05 <= self.n <= most:
            raise curve_wrong(Text("n must lie between 0.05 and {most}", "n muss zwischen 0,05 und {most} liegen").fill(most=int(most)), f"n = {self.n}")  # fmt: skip

    def value(self, x: float) -> float:
        return self.b * SHAPES[self.kind].value(max(0.0, x) / self.k, self.n)

    def slope(self, x: float) -> float:
        return self.b / self.k * SHAPES[self.kind].slope(max(0.0, x) / self.k, self.n)

    def bend(self, x: float) -> float:
        """The second derivative."""
        return self.b / self.k**2 * SHAPES[self.kind].bend(max(0.0, x) / self.k, self.n)

    @property
    def top(self) -> float:
        """Up to here each further unit brings more than the one before; 0 where never."""
        return self.k * SHAPES[self.kind].top(self.n)

    def best(self, price: float, low: float, high: float) -> float:
        """The effort within low and high at which value − price·effort is greatest; of equal ones the smaller."""
        if price <= 0:
            return high
        if not self.b:
            return low
        at = high
        start = max(low, self.top)
        if start < high and self.slope(high) < price:
            if self.slope(start) > price:
                at = min(high, max(start, self.k * SHAPES[self.kind].inverse(price * self.k / self.b, self.n)))
            else:
                at = start
        # In the part that bends up only the ends can be best.
        if self.value(at) - price * at > self.value(low) - price * low:
            return at
        return low

    def points(self, most: float, count: int = 40) -> list[tuple[float, float]]:
        return [(most * nth / count, self.value(most * nth / count)) for nth in range(count + 1)]


def curve_wrong(why: Text, what: object) -> InputError:
    return InputError(
        "budget_wrong",
        Text("The budget plan is wrong: {why} (“{what}”).", "Der Budgetplan ist falsch: {why} („{what}“).").fill(why=why, what=str(what)[:100]),
        Text("See docs/how-to/budget.md.", "Siehe docs/de/how-to/budget.md."),
    )  # fmt: skip
