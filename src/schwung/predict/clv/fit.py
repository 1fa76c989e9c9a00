"""Fitting a purchase process: from one neutral start, on the distinct rows; what lies at the boundary is said and bounded."""

from dataclasses import dataclass, replace

import numpy as np

from schwung.core.text import Text
from schwung.predict.clv.boundary import warnings_of, with_weak_prior
from schwung.predict.clv.newton import Derivatives, Objective, Optimum, inverse, maximize
from schwung.predict.clv.one_thread import one_thread
from schwung.predict.clv.process import Chart, Process
from schwung.predict.clv.profile import sides
from schwung.predict.clv.refuse import check_enough
from schwung.predict.clv.rows import Floats, Rows

_MANY = 40_000
_SAMPLE = 10_000
FEW = 5_000
_MOST_PARAMETERS = 4
"""The way along each of more would take long."""
_VAGUE = 0.75
"""A standard error of a coordinate: of a logarithm."""
_OTHER_STARTS = (-2.0, 2.0)


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
    sides: Floats | None
    """Of intervals of parameters, see profile.py; None where the errors say all, or a parameter is at the boundary."""
    warnings: tuple[Text, ...]
    steps: int

    def standard_errors(self, names: tuple[str, ...]) -> dict[str, float | None]:
        """Of the parameters themselves."""
        errors = np.exp(self.logs) * self.errors
        return {name: float(each) if np.isfinite(each) else None for name, each in zip(names, errors, strict=True)}


def fit(process: Process, rows: Rows, with_sides: bool = True) -> Found:
    """with_sides: also, where rows are few, how lopsided intervals of parameters are, which takes most of the time.
    InputError where nothing can be fitted."""
    check_enough(rows.customers, float(rows.count[rows.frequency > 0].sum()), float(rows.T.max(initial=0)))
    chart = process.chart
    start = process.start(rows)
    if len(rows) > _MANY:
        sample = rows.every(len(rows) // _SAMPLE)
        with one_thread():
            start = maximize(_in_chart(process.likelihood(sample), chart), start, chart.low, chart.high).at
    small = with_sides and len(rows) <= FEW and len(process.parameters) <= _MOST_PARAMETERS
    return fit_in_chart(process.likelihood(rows), chart, start, process.parameters, process.start(rows), small)


def fit_in_chart(
    objective: Objective,
    chart: Chart,
    start: Floats,
    names: tuple[str, ...],
    middle: Floats | None = None,
    is_small: bool = True,
) -> Found:
    """objective: of the logarithms of the parameters. start: coordinates. middle: what is neutral, default the start.
    is_small: so few rows that the errors do not say all about intervals.

    What ends at the boundary, or is told only vaguely, is looked for from elsewhere too: there may be two hills.
    """
    neutral = start if middle is None else middle
    within = _in_chart(objective, chart)
    with one_thread():
        best = maximize(within, start, chart.low, chart.high)
        if best.held or _is_vague(best):
            starts = [neutral + _shifted(chart, by) for by in _OTHER_STARTS]
            others = [maximize(within, each, chart.low, chart.high) for each in starts]
            best = max((best, *others), key=lambda one: one.value)
        told = _found(within, chart, best, names, neutral)
        if best.held or not is_small:
            return told
        return replace(told, sides=sides(objective, told.logs, told.covariance, told.value))


def _found(within: Objective, chart: Chart, best: Optimum, names: tuple[str, ...], neutral: Floats) -> Found:
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
        center, covariance = with_weak_prior(within, chart, best, neutral)
        warnings = warnings_of(within, chart, best, neutral)
    return Found(
        best.at,
        chart.matrix @ best.at,
        best.value,
        errors,
        chart.matrix @ center,
        chart.matrix @ covariance @ chart.matrix.T,
        None,
        warnings,
        best.steps,
    )


def _is_vague(best: Optimum) -> bool:
    return bool(np.sqrt(np.diag(inverse(-best.hessian)).max()) > _VAGUE)


def _shifted(chart: Chart, by: float) -> Floats:
    """Along every second coordinate: those that say how alike customers are."""
    return np.where(np.arange(len(chart.coordinates)) % 2 == 0, by, 0.0)


def _in_chart(objective: Objective, chart: Chart) -> Objective:
    matrix = chart.matrix

    def within(at: Floats) -> Derivatives:
        value, gradient, hessian = objective(matrix @ at)
        return value, matrix.T @ gradient, matrix.T @ hessian @ matrix

    return within
