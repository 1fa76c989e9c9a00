"""Fit alone, from arrays in memory to parameters: beside lifetimes and, where a Python with it is named, PyMC-Marketing's MAP.

Seconds are CPU seconds of the whole process: a crowded machine makes clocks on the wall useless. The environment variable
PYMC_PYTHON names a Python that has pymc-marketing; it is far too heavy for the test environment.
"""

import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.figure import Figure, Scale
from schwung.predict import BetaGeoNBD, GammaGamma, ModifiedBetaGeoNBD, ParetoNBD, PurchaseSummary
from schwung.predict.clv.refuse import check_purchases

SIZES = {"full": (100_000, 1_000_000, 10_000_000), "small": (5_000, 20_000)}
_BOUGHT = (0.243, 30.9, 0.793, 2.426)
_SPENT = (6.25, 3.74, 15.44)
_PYMC = """
import sys, time, numpy as np, pandas as pd
from pymc_marketing.clv import BetaGeoModel
from pymc_extras.prior import Prior
rows = np.load(sys.argv[1])
def fit(size):
    data = pd.DataFrame({"customer_id": np.arange(size), **{n: rows[n][:size] for n in ("frequency", "recency", "T")}})
    flat = {n: Prior("HalfFlat") for n in ("r", "alpha", "a", "b")}
    began = time.process_time()
    model = BetaGeoModel(data, model_config=flat)
    model.fit(method="map", progressbar=False)
    return time.process_time() - began
fit(2000)
print(fit(len(rows["T"])))
"""


def customers(size: int, seed: int = 1) -> dict[str, np.ndarray]:
    """By BG/NBD and gamma-gamma with the parameters of CDNOW, whole days, ages from 1 to 728 days."""
    random = np.random.default_rng(seed)
    r, alpha, a, b = _BOUGHT
    age = random.integers(1, 729, size).astype(np.float64)
    rate = np.maximum(random.gamma(r, 1 / alpha, size), 1e-12)
    leaving = random.beta(a, b, size)
    frequency, recency, clock = np.zeros(size, np.int64), np.zeros(size), np.zeros(size)
    here = np.arange(size)
    while len(here):
        clock[here] += random.exponential(size=len(here)) / rate[here]
        here = here[clock[here] <= age[here]]
        day = np.minimum(np.ceil(clock[here]), age[here])
        new = day > recency[here]
        frequency[here[new]] += 1
        recency[here[new]] = day[new]
        here = here[random.random(len(here)) >= leaving[here]]
    p, q, gamma = _SPENT
    worth = random.gamma(np.maximum(p * frequency, 1e-9)) / np.maximum(frequency, 1) / random.gamma(q, 1 / gamma, size)
    return {"frequency": frequency, "recency": recency, "T": age, "spend": np.where(frequency > 0, worth, 0.0)}


def _by_size(sizes: tuple[int, ...]) -> list[Figure]:
    """How the cost of a fit grows with the number of customers: equal ones are one row, so it grows less than they do."""
    figures = []
    for model in (BetaGeoNBD(), ModifiedBetaGeoNBD(), ParetoNBD()):
        for size in sizes:
            rows = customers(size)
            x, t, age = (rows[name] for name in ("frequency", "recency", "T"))
            spent = _spent(lambda given=(x, t, age): model.fit(*given))  # noqa: B023
            distinct = len(PurchaseSummary.from_arrays(x, t, age).distinct)
            note = f"{distinct:,} distinct rows; {1e6 * spent / size:.2f} CPU s per million customers"
            figures.append(
                Figure(
                    f"{model.process.title.en}: cost of a fit, {size:,} customers", "CPU s", [spent], "lower", note=note
                )
            )
            print(f"  {figures[-1].what}: {spent:.3g} ({note})", file=sys.stderr, flush=True)
    return figures


def _spent(act: Callable[[], object]) -> float:
    began = time.process_time()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        act()
    return time.process_time() - began


def _pymc(rows: dict[str, np.ndarray]) -> float | None:
    """CPU seconds of PyMC-Marketing's MAP with flat priors, compiled before; None where it is not there."""
    python = os.environ.get("PYMC_PYTHON")
    if not python:
        return None
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "rows.npz"
        np.savez(kept, **rows)
        told = subprocess.run([python, "-c", _PYMC, str(kept)], check=True, capture_output=True, text=True)
    return float(told.stdout.split()[-1])


def run(repeats: int, scale: Scale) -> list[Figure]:
    from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

    size = 1_000_000 if scale == "full" else 20_000
    figures = _by_size(SIZES[scale])
    rows = customers(size)
    x, t, age, spend = (rows[name] for name in ("frequency", "recency", "T", "spend"))
    check_purchases(x, t, age)
    again = x > 0
    _spent(lambda: BetaGeoNBD().fit(x[:1000], t[:1000], age[:1000]))  # what is loaded once
    bars = {"BG/NBD": 1 / 15, "MBG/NBD": 1 / 15, "Pareto/NBD": 1 / 20, "Gamma-gamma": 1 / 20}
    acts: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "BG/NBD": (lambda: BetaGeoNBD().fit(x, t, age), lambda: BetaGeoFitter().fit(x, t, age)),
        "MBG/NBD": (lambda: ModifiedBetaGeoNBD().fit(x, t, age), lambda: ModifiedBetaGeoFitter().fit(x, t, age)),
        "Gamma-gamma": (
            lambda: GammaGamma().fit(x, spend),
            lambda: GammaGammaFitter().fit(x[again], spend[again]),
        ),
        "Pareto/NBD": (lambda: ParetoNBD().fit(x, t, age), lambda: ParetoNBDFitter().fit(x, t, age)),
    }
    for name, (ours, peer) in acts.items():
        times = 1 if name == "Pareto/NBD" else repeats
        own, other = [], []
        for _ in range(times):
            own.append(_spent(ours))
            other.append(_spent(peer))
        what = f"{name}: fit of {size:,} customers"
        figures.append(
            Figure(
                what, "CPU s", own, "lower", peer="lifetimes", peer_runs=other, ratio_bar=bars[name], note="from arrays"
            )
        )
        print(f"  {what}: {min(own):.3g} beside {min(other):.3g}", file=sys.stderr, flush=True)
    pymc = _pymc(rows)
    if pymc is not None:
        own = [_spent(acts["BG/NBD"][0]) for _ in range(repeats)]
        note = "maximum a posteriori, flat priors, compiled before"
        figures.append(
            Figure(
                f"BG/NBD: fit of {size:,} customers", "CPU s", own, "lower",
                peer="PyMC-Marketing", peer_runs=[pymc], ratio_bar=1 / 8, note=note,
            )
        )  # fmt: skip
    return figures
