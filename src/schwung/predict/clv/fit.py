"""Fitting a purchase process: from one neutral start, on the distinct rows; what lies at the boundary is said and bounded."""

from dataclasses import dataclass

import numpy as np

from schwung.core.text import Text
from schwung.predict.clv.newton import Derivatives, Objective, Optimum, maximize
from schwung.predict.clv.one_thread import one_thread
from schwung.predict.clv.process import Chart, Process
from schwung.predict.clv.refuse import check_enough
from schwung.predict.clv.rows import Floats, Rows

_MANY = 40_000
_SAMPLE = 10_000
_OTHER_STARTS = (-2.0, 2.0)
_DROP = 1.3527
"""Half the 90 % quantile of χ² with one degree: a one-sided bound of 95 %."""
_WEAK = 3.0
"""Standard deviation, in logarithms, of the weak prior that keeps what is held within reach."""


@dataclass(frozen=True, eq=False)
class Found:
    """logs: of the parameters at the optimum. center, covariance: of the logarithms, for intervals; where a coordinate is held, with
    a weak prior on it. errors: standard errors of the logarithms, NaN for parameters that are not determined."""

    coordinates: Floats
    logs: Floats
    value: float
    errors: Floats
    center: Floats
    covariance: Floats
    warnings: tuple[Text, ...]
    steps: int

    def standard_errors(self, names: tuple[str, ...]) -> dict[str, float | None]:
        """Of the parameters themselves."""
        errors = np.exp(self.logs) * self.errors
        return {name: float(each) if np.isfinite(each) else None for name, each in zip(names, errors, strict=True)}


def fit(process: Process, rows: Rows) -> Found:
    """InputError where nothing can be fitted."""
    check_enough(rows.customers, float(rows.count[rows.frequency > 0].sum()), float(rows.T.max(initial=0)))
    chart = process.chart
    start = process.start(rows)
    if len(rows) > _MANY:
        sample = rows.every(len(rows) // _SAMPLE)
        with one_thread():
            start = _maximum(process.likelihood(sample), chart, start).at
    return fit_in_chart(process.likelihood(rows), chart, start, process.parameters)


def fit_in_chart(objective: Objective, chart: Chart, start: Floats, names: tuple[str, ...]) -> Found:
    """objective: of the logarithms of the parameters. start: coordinates. What ends at the boundary is looked for from elsewhere too."""
    with one_thread():
        return _fit_in_chart(objective, chart, start, names)


def _fit_in_chart(objective: Objective, chart: Chart, start: Floats, names: tuple[str, ...]) -> Found:
    best = _maximum(objective, chart, start)
    if best.held:
        others = [_maximum(objective, chart, start + _shifted(chart, by)) for by in _OTHER_STARTS]
        best = max((best, *others), key=lambda one: one.value)
    return found(objective, chart, best, names)


def found(objective: Objective, chart: Chart, best: Optimum, names: tuple[str, ...]) -> Found:
    """What an optimum says of the parameters."""
    free = best.free
    covariance = np.zeros((len(best.at), len(best.at)))
    covariance[np.ix_(free, free)] = inverse(-best.hessian[np.ix_(free, free)])
    errors = np.sqrt(np.einsum("ij,jk,ik->i", chart.matrix, covariance, chart.matrix))
    center = best.at
    warnings: tuple[Text, ...] = ()
    if best.held:
        lost = {name for place in best.held for name in chart.coordinates[place].parameters}
        errors = np.where([name in lost for name in names], np.nan, errors)
        center, covariance = _with_prior(objective, chart, best)
        warnings = tuple(_warning(objective, chart, best, place) for place in best.held)
    return Found(
        best.at,
        chart.matrix @ best.at,
        best.value,
        errors,
        chart.matrix @ center,
        chart.matrix @ covariance @ chart.matrix.T,
        warnings,
        best.steps,
    )


def _shifted(chart: Chart, by: float) -> Floats:
    """Along every second coordinate: those that say how alike customers are."""
    return np.where(np.arange(len(chart.coordinates)) % 2 == 0, by, 0.0)


def _maximum(objective: Objective, chart: Chart, start: Floats) -> Optimum:
    return maximize(_in_chart(objective, chart), start, chart.low, chart.high)


def _in_chart(objective: Objective, chart: Chart) -> Objective:
    matrix = chart.matrix

    def within(at: Floats) -> Derivatives:
        value, gradient, hessian = objective(matrix @ at)
        return value, matrix.T @ gradient, matrix.T @ hessian @ matrix

    return within


def inverse(curvature: Floats) -> Floats:
    """Of a matrix that is positive definite but for rounding."""
    if not len(curvature):
        return curvature
    bends, axes = np.linalg.eigh((curvature + curvature.T) / 2)
    bends = np.maximum(bends, 1e-10 * max(float(bends.max()), 1e-300))
    inverse: Floats = (axes / bends) @ axes.T
    return inverse


def _with_prior(objective: Objective, chart: Chart, best: Optimum) -> tuple[Floats, Floats]:
    """Maximum and covariance with a weak normal prior around 0 on the held coordinates."""
    held = np.zeros(len(best.at))
    held[list(best.held)] = 1 / _WEAK**2
    plain = _in_chart(objective, chart)

    def with_prior(at: Floats) -> Derivatives:
        value, gradient, hessian = plain(at)
        return value - 0.5 * float(held @ at**2), gradient - held * at, hessian - np.diag(held)

    start = np.where(held > 0, np.sign(best.at) * 2.0, best.at)
    optimum = maximize(with_prior, start, chart.low, chart.high)
    return optimum.at, inverse(-optimum.hessian)


def _warning(objective: Objective, chart: Chart, best: Optimum, place: int) -> Text:
    """Which parameter is at the boundary, what that means, and how far the data allow to go back."""
    coordinate = chart.coordinates[place]
    is_low = best.at[place] < 0.5 * (chart.low[place] + chart.high[place])
    bound = float(np.exp(_profile_bound(objective, chart, best, place, is_low)))
    name = coordinate.said
    said = Text("at most" if is_low else "at least", "höchstens" if is_low else "mindestens")
    return Text(
        "Parameter at the boundary: {means}. With 95 % confidence, {name} is {said} {bound}.",
        "Parameter am Rand: {means}. Mit 95 % Sicherheit ist {name} {said} {bound}.",
    ).fill(
        means=coordinate.low_means if is_low else coordinate.high_means,
        name=name,
        said=said,
        bound=Text(f"{bound:.3g}", f"{bound:.3g}".replace(".", ",")),
    )


def _profile_bound(objective: Objective, chart: Chart, best: Optimum, place: int, is_low: bool) -> float:
    """Where the log-likelihood, others at their best, has fallen by what a one-sided 95 % bound allows; by halving."""
    low, high = chart.low.copy(), chart.high.copy()
    at = best.at

    def fallen(value: float) -> bool:
        nonlocal at
        low[place] = high[place] = value
        optimum = maximize(_in_chart(objective, chart), np.clip(at, low, high), low, high)
        at = optimum.at
        return bool(best.value - optimum.value > _DROP)

    near = float(best.at[place])
    far = near
    for _ in range(30):
        far += 2.0 if is_low else -2.0
        if not chart.low[place] <= far <= chart.high[place]:
            return float(np.clip(far, chart.low[place], chart.high[place]))
        if fallen(far):
            break
    near = far - (2.0 if is_low else -2.0)
    for _ in range(8):
        middle = 0.5 * (near + far)
        near, far = (near, middle) if fallen(middle) else (middle, far)
    return near
