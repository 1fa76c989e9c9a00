"""240 bases that are hard to fit, 12 kinds × 20 seeds: no exception, and no optimum worse than the best known by 0.001."""

import warnings
from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize

from benchmarks.figure import Figure, Scale
from schwung.predict import BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD
from schwung.predict.clv import PurchaseSummary
from schwung.predict.clv.purchase_model import PurchaseModel

Draw = Callable[[np.random.Generator, int], np.ndarray]
SEEDS = 20
_WORSE = 1e-3


def lives(random: np.random.Generator, rate: np.ndarray, leaving: np.ndarray, age: np.ndarray) -> PurchaseSummary:
    """Customers who buy at a rate and leave with each purchase with a probability; on the grid of whole units, as days are."""
    size = len(age)
    frequency, recency, time = np.zeros(size, np.int64), np.zeros(size), np.zeros(size)
    here = np.arange(size)
    while len(here):
        time[here] += random.exponential(size=len(here)) / rate[here]
        here = here[time[here] <= age[here]]
        unit = np.minimum(np.ceil(time[here]), age[here])
        new = unit > recency[here]
        frequency[here[new]] += 1
        recency[here[new]] = unit[new]
        here = here[random.random(len(here)) >= leaving[here]]
    return PurchaseSummary.from_arrays(frequency, recency, age)


def _kind(size: int, rate: Draw, leaving: Draw, age: Draw) -> Callable[[np.random.Generator], PurchaseSummary]:
    return lambda random: lives(random, rate(random, size), leaving(random, size), age(random, size))


def _rates(r: float, alpha: float) -> Draw:
    return lambda random, size: np.maximum(random.gamma(r, 1 / alpha, size), 1e-12)


def _shares(a: float, b: float) -> Draw:
    return lambda random, size: random.beta(a, b, size)


def _same(value: float) -> Draw:
    return lambda random, size: np.full(size, value)


def _ages(low: int, high: int) -> Draw:
    return lambda random, size: random.integers(low, high + 1, size).astype(np.float64)


_CDNOW = _rates(0.243, 31.0), _shares(0.793, 2.426)
KINDS = {
    "as CDNOW": _kind(2000, *_CDNOW, _ages(190, 272)),
    "no drop-out": _kind(1000, _rates(0.5, 30.0), _same(0.0), _ages(100, 365)),
    "one rate for all": _kind(1000, _same(1 / 30), _shares(0.8, 2.5), _ages(100, 365)),
    "one drop-out for all": _kind(1000, _rates(0.5, 20.0), _same(0.2), _ages(100, 365)),
    "40 customers": _kind(40, *_CDNOW, _ages(100, 365)),
    "150 customers": _kind(150, *_CDNOW, _ages(100, 365)),
    "heavy buyers": _kind(1000, _rates(2.0, 2.0), _shares(0.2, 20.0), _ages(200, 700)),
    "hardly any repeats": _kind(3000, _rates(0.05, 60.0), _shares(1.0, 3.0), _ages(30, 365)),
    "most leave soon": _kind(1000, _rates(1.0, 10.0), _shares(8.0, 2.0), _ages(100, 365)),
    "at once or never": _kind(1000, _rates(0.7, 15.0), _shares(0.05, 0.1), _ages(100, 365)),
    "two weeks only": _kind(1000, _rates(0.5, 5.0), _shares(0.8, 2.5), _ages(1, 14)),
    "clock in seconds": _kind(1000, _rates(0.25, 31.0 * 86_400), _shares(0.8, 2.4), _ages(86_400, 365 * 86_400)),
}


def best_known(model: PurchaseModel, summary: PurchaseSummary, random: np.random.Generator, starts: int) -> float:
    """Best log-likelihood of lifetimes and of a quasi-Newton search of scipy from several starts."""
    from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter

    likelihood = model.process.likelihood(summary.distinct)
    found = -np.inf
    fitter = {"bg_nbd": BetaGeoFitter, "mbg_nbd": ModifiedBetaGeoFitter}.get(model.process.name)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if fitter:
            try:
                peer = fitter().fit(summary.frequency, summary.recency, summary.T)
                found = likelihood(np.log([peer.params_[name] for name in model.process.parameters]))[0]
            except Exception:  # what it does not converge on is not known from it
                found = -np.inf
        middle = model.process.chart.matrix @ model.process.start(summary.distinct)
        for _ in range(starts):
            at = middle + random.normal(0, 1.5, 4)
            near = [(each - 12, each + 12) for each in middle]
            search = minimize(
                lambda x: tuple(-part for part in likelihood(x)[:2]), at, jac=True, method="L-BFGS-B", bounds=near,
                options={"maxiter": 500, "ftol": 1e-15, "gtol": 1e-9},
            )  # fmt: skip
            found = max(found, -float(search.fun))
    return float(found)


def outcome(model: PurchaseModel, summary: PurchaseSummary, known: float) -> tuple[str, float]:
    """ok, worse or the exception; by how much it is worse than the best known."""
    try:
        fitted = model.fit(summary)
    except Exception as error:
        return type(error).__name__, np.inf
    assert fitted.log_likelihood is not None
    finite = all(np.isfinite(value) for value in (*fitted.parameters.values(), fitted.log_likelihood))
    told = all(error is not None for error in fitted.standard_errors.values()) or bool(fitted.warnings)
    short = known - fitted.log_likelihood
    return ("ok" if finite and told and short <= _WORSE else "worse"), short


def run(repeats: int, scale: Scale) -> list[Figure]:
    seeds, starts = (SEEDS, 4) if scale == "full" else (1, 1)
    figures = []
    for model in (BetaGeoNBD(), ModifiedBetaGeoNBD(), ParetoNBD()):
        good, worst, wrong = 0, 0.0, []
        for name, kind in KINDS.items():
            for seed in range(seeds):
                random = np.random.default_rng([seed, len(name)])
                summary = kind(random)
                said, short = outcome(model, summary, best_known(model, summary, random, starts))
                good += said == "ok"
                worst = max(worst, short)
                if said != "ok":
                    wrong.append(f"{name} {seed}: {said} {short:.2g}")
        total = len(KINDS) * seeds
        note = f"of {total}; furthest below the best known {worst:.1g}" + ("; " + "; ".join(wrong[:5]) if wrong else "")
        figures.append(Figure(f"{model.process.title.en}: hard fits", "fits", [good], "higher", bar=total, note=note))
    return figures
