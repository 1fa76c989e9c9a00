"""What lies at the boundary, or is not told by the data: said in words with a bound, and kept within reach by a weak prior for intervals."""

import numpy as np

from schwung.core.text import Text
from schwung.predict.clv.newton import Derivatives, Objective, Optimum, inverse, maximize
from schwung.predict.clv.process import Chart
from schwung.predict.clv.rows import Floats

_DROP = 1.3527
"""Half the 90 % quantile of χ² with one degree: a one-sided bound of 95 %."""
_WEAK = 3.0
"""Standard deviation of the prior, in logarithms."""
_STEP = 2.0
_HALVINGS = 8


def with_weak_prior(objective: Objective, chart: Chart, best: Optimum, middle: Floats) -> tuple[Floats, Floats]:
    """Maximum and covariance with a weak normal prior around `middle` on the held coordinates. objective: of coordinates."""
    weight = np.zeros(len(best.at))
    weight[list(best.held)] = 1 / _WEAK**2

    def with_prior(at: Floats) -> Derivatives:
        value, gradient, hessian = objective(at)
        away = at - middle
        return value - 0.5 * float(weight @ away**2), gradient - weight * away, hessian - np.diag(weight)

    near = middle + np.clip(best.at - middle, -_STEP, _STEP)
    optimum = maximize(with_prior, np.where(weight > 0, near, best.at), chart.low, chart.high)
    return optimum.at, inverse(-optimum.hessian)


def warnings_of(objective: Objective, chart: Chart, best: Optimum, middle: Floats) -> tuple[Text, ...]:
    """One sentence for each held coordinate of which the data tell a bound; else one for the last."""
    told = [(place, *_bound(objective, chart, best, place, middle)) for place in best.held]
    known = [each for each in told if each[2] is not None]
    return tuple(_sentence(chart, *each) for each in known or told[-1:])


def _sentence(chart: Chart, place: int, is_low: bool, bound: float | None) -> Text:
    coordinate = chart.coordinates[place]
    means = coordinate.low_means if is_low else coordinate.high_means
    first = Text("Parameter at the boundary: {means}.", "Parameter am Rand: {means}.").fill(means=means)
    if bound is None:
        return first
    said = Text("at most", "höchstens") if is_low else Text("at least", "mindestens")
    shown = f"{np.exp(bound):.3g}"
    second = Text(" With 95 % confidence, {name} is {said} {bound}.", " Mit 95 % Sicherheit ist {name} {said} {bound}.")
    second = second.fill(name=coordinate.said, said=said, bound=Text(shown, shown.replace(".", ",")))
    return Text(first.en + second.en, first.de + second.de)


def _bound(objective: Objective, chart: Chart, best: Optimum, place: int, middle: Floats) -> tuple[bool, float | None]:
    """Whether it is the low end, and where the log-likelihood, the others at their best, has fallen enough; None: nowhere."""
    is_low = bool(best.at[place] < middle[place])
    way = _STEP if is_low else -_STEP
    low, high, at = chart.low.copy(), chart.high.copy(), best.at

    def fallen(value: float) -> bool:
        nonlocal at
        low[place] = high[place] = value
        optimum = maximize(objective, np.clip(at, low, high), low, high)
        at = optimum.at
        return bool(best.value - optimum.value > _DROP)

    far = float(best.at[place]) + way
    while chart.low[place] < far < chart.high[place] and not fallen(far):
        far += way
    if not chart.low[place] < far < chart.high[place]:
        return is_low, None
    near = far - way
    for _ in range(_HALVINGS):
        between = 0.5 * (near + far)
        near, far = (near, between) if fallen(between) else (between, far)
    return is_low, near
