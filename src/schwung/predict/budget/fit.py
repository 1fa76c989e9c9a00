"""Response curves from spend and outcomes by period: saturation, a geometric carry-over, and how well both are known.

Outcome = base (level, trend, season, further columns) + Σ b·shape(carried spend ÷ k) + noise. The carried spend of a period is
(1 − c)·spend + c·(that of the period before), so that constant spend is itself and the curve reads as spend per period. The base
and the b ≥ 0 follow from c and k by least squares; c and k are the most probable ones under weak priors, found from several
starts. They are drawn from a Laplace approximation, weighed by the exact density; b is drawn given them. Seeded.
A curve from observed spend is a description: what else moved with the spend is in it. Only an experiment is free of that.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import scipy
from numpy.typing import NDArray

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.budget.curves import Curve

Floats = NDArray[np.float64]
KINDS = ("exponential", "logistic", "hill", "log")
"""Curves that can be fitted; of Hill the one that only bends down."""
LEAST_PERIODS = 20
LEAST_LEVELS = 8
"""Different sums of spend."""
LEAST_SPREAD = 0.1
"""Standard deviation ÷ mean of the spend."""
_K_SPREAD, _CARRY_SPREAD, _CARRY_MIDDLE = 1.0, 1.2, -0.8
"""Priors: k around the mean spend, within a factor e; carry-over around a third, on the logit."""
_STARTS, _PROPOSALS, _DRAWS = 4, 500, 200
_STRAIGHT = 0.7
"""Slope at the highest spend ÷ slope at none: above that the data lie on a line."""
_TINY = 1e-12

VERDICTS: Mapping[str, Text] = {
    "ok": Text("The data show an effect and where it bends.", "Die Daten zeigen eine Wirkung und wo sie nachlässt."),
    "no_bend": Text(
        "The data do not show where more spend stops helping: beyond the spend seen so far the curve is a guess.",
        "Die Daten zeigen nicht, ab wann mehr Ausgaben nicht mehr helfen: Jenseits der bisherigen Ausgaben ist die Kurve geraten.",
    ),
    "no_effect": Text(
        "The data do not show that this spend moves the outcome; a curve would be noise.",
        "Die Daten zeigen nicht, dass diese Ausgaben das Ergebnis bewegen; eine Kurve wäre Rauschen.",
    ),
    "confounded": Text(
        "The spend moves with trend and season, so the data cannot tell its effect from theirs.",
        "Die Ausgaben bewegen sich mit Trend und Saison, also können die Daten ihre Wirkung nicht von deren trennen.",
    ),
    "too_few": Text(
        "Too few periods with spend to tell a curve.", "Zu wenige Zeiträume mit Ausgaben, um eine Kurve zu erkennen."
    ),
    "no_outcome": Text(
        "No order is credited to this channel, so there is nothing to fit.",
        "Diesem Kanal ist keine Bestellung zugerechnet, also gibt es nichts anzupassen.",
    ),
    "no_variation": Text(
        "The spend hardly changed, so the data cannot tell what it does.",
        "Die Ausgaben haben sich kaum geändert, also können die Daten nicht zeigen, was sie bewirken.",
    ),
}
"""Whether the data support a curve. All but the first two: there is none."""


@dataclass(frozen=True, slots=True)
class FittedChannel:
    """curve None: the data support none. carry: share of a period's effect that comes from the periods before. contribution: of
    all outcomes in the data. *_low, *_high: 80 %. most: the highest spend of a period in the data."""

    name: str
    verdict: str
    curve: Curve | None
    most: float
    mean: float
    carry: float | None = None
    carry_low: float | None = None
    carry_high: float | None = None
    errors: Mapping[str, float] | None = None
    contribution: float | None = None
    contribution_low: float | None = None
    contribution_high: float | None = None
    draws: tuple[Curve, ...] = ()

    @property
    def supported(self) -> bool:
        return self.verdict in ("ok", "no_bend")

    def to_json(self) -> dict[str, Any]:
        said, curve = VERDICTS[self.verdict], self.curve
        return {
            "name": self.name, "verdict": self.verdict, "sentence": {"en": said.en, "de": said.de},
            "curve": curve and {"kind": curve.kind, "b": curve.b, "k": curve.k, "n": curve.n},
            "standard_errors": dict(self.errors or {}), "carry": self.carry, "carry_low": self.carry_low, "carry_high": self.carry_high,
            "contribution": self.contribution, "contribution_low": self.contribution_low, "contribution_high": self.contribution_high,
            "mean_spend": self.mean, "most_spend": self.most,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fitted:
    """r2: share of the variance explained. held_out: mean error of the last fifth of the periods ÷ their mean, fitted without
    them; base_held_out: the same without any spend."""

    kind: str
    periods: int
    channels: tuple[FittedChannel, ...]
    r2: float
    held_out: float | None
    base_held_out: float | None

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind, "periods": self.periods, "r2": self.r2, "held_out": self.held_out, "base_held_out": self.base_held_out,
            "channels": [one.to_json() for one in self.channels],
        }  # fmt: skip


@dataclass(frozen=True)
class _Data:
    """base: columns of what goes on without spend. spend: one column per channel."""

    kind: str
    outcome: Floats
    base: Floats
    spend: Floats
    carries: bool

    @cached_property
    def means(self) -> Floats:
        return np.array([column[column > 0].mean() for column in self.spend.T])

    @cached_property
    def left(self) -> Floats:
        """Of the outcome what the base does not explain."""
        return self.beyond(self.outcome)

    @cached_property
    def _span(self) -> Floats:
        return cast(Floats, np.linalg.qr(self.base)[0])

    def beyond(self, columns: Floats) -> Floats:
        """The part of columns that the base does not explain."""
        return columns - self._span @ (self._span.T @ columns)

    def unpack(self, at: Floats) -> tuple[Floats, Floats]:
        """Carry-over and k of each channel."""
        count = self.spend.shape[1]
        carry = 1 / (1 + np.exp(-at[count:])) if self.carries else np.zeros(count)
        return carry, self.means * np.exp(at[:count])

    def shapes(self, at: Floats, rows: slice = slice(None)) -> Floats:
        """Of each channel the shape of the carried spend, scaled to 1."""
        carry, k = self.unpack(at)
        carried = [
            scipy.signal.lfilter([1 - c], [1, -c], column) for c, column in zip(carry, self.spend.T, strict=True)
        ]
        return np.array([shape(self.kind, column / one) for column, one in zip(carried, k, strict=True)]).T[rows]


def shape(kind: str, x: Floats) -> Floats:
    """A family of `SHAPES` over an array, with n = 1."""
    if kind == "exponential":
        return cast(Floats, -np.expm1(-x))
    if kind == "logistic":
        return np.tanh(x / 2)
    return cast(Floats, x / (1 + x) if kind == "hill" else np.log1p(x))


def fit(
    spend: Mapping[str, Sequence[float]],
    outcome: Sequence[float],
    *,
    controls: Mapping[str, Sequence[float]] | None = None,
    kind: str = "exponential",
    carries: bool = True,
    year: float | None = None,
    seed: int = 1,
) -> Fitted:
    """Curves of all channels at once. spend, outcome, controls: one number per period, in order. year: periods of one, for the
    season (None: no season). kind: one of KINDS.
    InputError budget_data for numbers that do not fit together.
    """
    y, columns = _read(spend, outcome, kind)
    refused = {name: verdict for name, column in columns.items() if (verdict := _refusal(column))}
    kept = [name for name in columns if name not in refused]
    base = _base(len(y), {name: _numbers(name, one, len(y)) for name, one in (controls or {}).items()}, year)
    found: dict[str, FittedChannel] = {
        name: FittedChannel(name, verdict, None, float(columns[name].max(initial=0.0)), float(columns[name].mean()) if len(y) else 0.0)
        for name, verdict in refused.items()
    }  # fmt: skip
    data = _Data(kind, y, base, np.array([columns[name] for name in kept]).T.reshape(len(y), len(kept)), carries)
    fitted = y - data.left
    if kept:
        best = _most_probable(data, seed)
        found |= {one.name: one for one in _channels(data, kept, best, seed)}
        fitted = y - _solved(data, best)[1]
    whole = float(((y - y.mean()) ** 2).sum()) or _TINY
    return Fitted(
        kind,
        len(y),
        tuple(found[name] for name in columns),
        1 - float(((y - fitted) ** 2).sum()) / whole,
        *_held_out(data, seed),
    )


def _read(
    spend: Mapping[str, Sequence[float]], outcome: Sequence[float], kind: str
) -> tuple[Floats, dict[str, Floats]]:
    if kind not in KINDS:
        raise _wrong(Text("there is no curve “{kind}”", "eine Kurve „{kind}“ gibt es nicht").fill(kind=kind[:40]))
    y = _numbers("outcome", outcome, len(outcome))
    columns = {name: _numbers(name, one, len(y)) for name, one in spend.items()}
    if any((column < 0).any() for column in columns.values()):
        raise _wrong(Text("spend is negative", "Ausgaben sind negativ"))
    return y, columns


def _numbers(name: str, values: Sequence[float], count: int) -> Floats:
    found = np.asarray(values, np.float64)
    if found.shape != (count,) or not np.isfinite(found).all():
        raise _wrong(Text("“{name}” does not have one number per period", "„{name}“ hat nicht eine Zahl je Zeitraum").fill(name=name))  # fmt: skip
    return found


def _refusal(column: Floats) -> str:
    if len(column) < LEAST_PERIODS or len(np.unique(column)) < LEAST_LEVELS or (column > 0).sum() < LEAST_LEVELS:
        return "no_variation" if len(column) >= LEAST_PERIODS and column.min() > 0 else "too_few"
    return "no_variation" if column.std() < LEAST_SPREAD * column.mean() else ""


def _base(count: int, controls: Mapping[str, Floats], year: float | None) -> Floats:
    """Level, trend, two waves a year where there is more than one and a half of it, further columns; scaled."""
    at = np.arange(count, dtype=np.float64)
    columns = [np.ones(count), (at - at.mean()) / max(1.0, count / 2)]
    if year and count >= 1.5 * year:
        for wave in (1, 2):
            columns += [np.sin(2 * np.pi * wave * at / year), np.cos(2 * np.pi * wave * at / year)]
    for column in controls.values():
        spread = column.std()
        if spread > 0:
            columns.append((column - column.mean()) / spread)
    return np.array(columns).T


def _solved(data: _Data, at: Floats) -> tuple[Floats, Floats]:
    """b ≥ 0 of each channel, and what is left unexplained."""
    inner, left = data.beyond(data.shapes(at)), data.left
    scales = np.sqrt((inner**2).sum(axis=0)) + _TINY
    b = scipy.optimize.nnls(inner / scales, left)[0] / scales
    return b, left - inner @ b


def _density(data: _Data, at: Floats) -> float:
    """Minus the logarithm of the posterior of carry-over and k, the rest at its best."""
    count = data.spend.shape[1]
    free = len(data.outcome) - data.base.shape[1]
    left = _solved(data, at)[1]
    prior = (at[:count] ** 2).sum() / (2 * _K_SPREAD**2)
    if data.carries:
        prior += ((at[count:] - _CARRY_MIDDLE) ** 2).sum() / (2 * _CARRY_SPREAD**2)
    return float(free / 2 * math.log(float((left**2).sum()) + _TINY) + prior)


def _most_probable(data: _Data, seed: int) -> Floats:
    """From several starts: the priors' middle, and around it."""
    count = data.spend.shape[1]
    size = 2 * count if data.carries else count
    middle = np.concatenate((np.zeros(count), np.full(size - count, _CARRY_MIDDLE)))
    chance = np.random.default_rng(seed)
    starts = [middle, *(middle + chance.normal(0, 0.8, size) for _ in range(_STARTS - 1))]
    bounds = [(-4.0, 4.0)] * count + [(-6.0, 3.5)] * (size - count)
    found = [
        scipy.optimize.minimize(lambda at: _density(data, at), start, method="L-BFGS-B", bounds=bounds)
        for start in starts
    ]
    return cast(Floats, min(found, key=lambda one: one.fun).x)


def _channels(data: _Data, names: Sequence[str], best: Floats, seed: int) -> list[FittedChannel]:
    draws, bs = _drawn(data, best, seed)
    b, _ = _solved(data, best)
    carry, k = data.unpack(best)
    total = float(data.outcome.sum()) or _TINY
    unpacked = [data.unpack(at) for at in draws]
    sums = np.array([data.shapes(at).sum(axis=0) for at in draws]) * bs / total
    found = []
    for nth, name in enumerate(names):
        ks, carries = (np.array([one[part][nth] for one in unpacked]) for part in (1, 0))
        ends = [0.1, 0.9]
        low, high = np.quantile(sums[:, nth], ends).tolist()
        curve, most = Curve(data.kind, 1.0, float(k[nth])), float(data.spend[:, nth].max())
        bends = np.log(ks).std() <= 0.7 * _K_SPREAD and curve.slope(most) <= _STRAIGHT * curve.slope(0.0)
        dead = (bs[:, nth] * sums[:, nth] <= _TINY).mean() > 0.1 or b[nth] <= 0
        verdict = "no_effect" if dead else "confounded" if high > 1 else "ok" if bends else "no_bend"
        carry_low, carry_high = np.quantile(carries, ends).tolist()
        column = data.spend[:, nth]
        curves = tuple(
            Curve(data.kind, max(0.0, float(one)), float(at)) for one, at in zip(bs[:, nth], ks, strict=True)
        )
        found.append(
            FittedChannel(
                name, verdict, Curve(data.kind, float(b[nth]), float(k[nth])) if verdict in ("ok", "no_bend") else None, float(column.max()), float(column.mean()),
                float(carry[nth]) if data.carries else None, carry_low if data.carries else None, carry_high if data.carries else None,
                {"b": _error(bs[:, nth]), "k": _error(ks)},
                float(b[nth] * data.shapes(best)[:, nth].sum() / total), low, high, curves,
            )
        )  # fmt: skip
    return found


def _error(drawn: Floats) -> float:
    """Half of the span of the middle 68 %: a standard error that a few wild draws do not move."""
    low, high = np.quantile(drawn, [0.1587, 0.8413])
    return float(high - low) / 2


def _drawn(data: _Data, best: Floats, seed: int) -> tuple[Floats, Floats]:
    """Carry-over and k, and b given them: from the Laplace approximation, weighed by the density, then drawn again."""
    chance = np.random.default_rng(seed + 1)
    spread = _covariance(data, best)
    root = np.linalg.cholesky(spread)
    size, degrees = len(best), 5
    noise = chance.standard_normal((_PROPOSALS, size))
    wide = np.sqrt(degrees / chance.chisquare(degrees, _PROPOSALS))
    proposals = np.clip(best + (noise * wide[:, None]) @ root.T, -8.0, 8.0)
    drawn_from = -(degrees + size) / 2 * np.log1p((noise**2).sum(axis=1) * wide**2 / degrees)
    weights = np.array([-_density(data, at) for at in proposals]) - drawn_from
    weights = np.exp(weights - weights.max())
    places = chance.choice(_PROPOSALS, _DRAWS, p=weights / weights.sum())
    return proposals[places], np.array([_scale_drawn(data, proposals[place], chance) for place in places])


def _scale_drawn(data: _Data, at: Floats, chance: np.random.Generator) -> Floats:
    """b given carry-over and k: normal around least squares, cut off at 0."""
    inner, left = data.beyond(data.shapes(at)), data.left
    free = max(1, len(left) - data.base.shape[1] - inner.shape[1])
    middle, noise = _solved(data, at)
    spread = np.linalg.pinv(inner.T @ inner) * float((noise**2).sum()) / free
    values, vectors = np.linalg.eigh(spread)
    step = vectors @ (np.sqrt(np.maximum(values, 0)) * chance.standard_normal(len(middle)))
    return cast(Floats, np.maximum(0.0, middle + step))


def _covariance(data: _Data, best: Floats, step: float = 1e-3) -> Floats:
    """The inverse of the second derivatives, made positive where the optimum lies at an end."""
    size = len(best)
    hessian = np.zeros((size, size))
    units = np.eye(size) * step
    middle = _density(data, best)
    around = [[_density(data, best + sign * unit) for sign in (1, -1)] for unit in units]
    for row in range(size):
        hessian[row, row] = (around[row][0] + around[row][1] - 2 * middle) / step**2
        for column in range(row):
            both = _density(data, best + units[row] + units[column])
            hessian[row, column] = hessian[column, row] = (both - around[row][0] - around[column][0] + middle) / step**2
    values, vectors = np.linalg.eigh(hessian)
    return cast(Floats, (vectors / np.maximum(values, 1 / (2 * _K_SPREAD) ** 2)) @ vectors.T)


def _held_out(data: _Data, seed: int) -> tuple[float | None, float | None]:
    """Mean error of the last fifth ÷ its mean, fitted on the periods before; the same of the base alone."""
    cut = len(data.outcome) * 4 // 5
    if cut < LEAST_PERIODS or not data.spend.shape[1]:
        return None, None
    early = _Data(data.kind, data.outcome[:cut], data.base[:cut], data.spend[:cut], data.carries)
    if any(_refusal(column) for column in early.spend.T):
        return None, None
    at = _most_probable(early, seed)
    # `means` of the early periods scale k: read the shapes of all periods with them.
    carry, k = early.unpack(at)
    carried = [scipy.signal.lfilter([1 - c], [1, -c], column) for c, column in zip(carry, data.spend.T, strict=True)]
    shapes = np.array([shape(data.kind, column / one) for column, one in zip(carried, k, strict=True)]).T
    b, _ = _solved(early, at)
    base = np.linalg.lstsq(early.base, early.outcome - shapes[:cut] @ b, rcond=None)[0]
    alone = np.linalg.lstsq(early.base, early.outcome, rcond=None)[0]
    later = data.outcome[cut:]
    size = float(np.abs(later).mean()) or _TINY
    told = data.base[cut:] @ base + shapes[cut:] @ b
    return float(np.abs(later - told).mean() / size), float(np.abs(later - data.base[cut:] @ alone).mean() / size)


def _wrong(why: Text) -> InputError:
    return InputError(
        "budget_data",
        Text("The data cannot be fitted: {why}.", "Die Daten lassen sich nicht anpassen: {why}.").fill(why=why),
        Text("See docs/how-to/budget.md.", "Siehe docs/de/how-to/budget.md."),
    )
