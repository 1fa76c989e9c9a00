"""Do intervals hold what they promise? Simulated bases of 2,000 customers: parameters, sums, held-out purchases.

Customers live by the model in continuous time. Of 2,000 bases the share at 80 % has a standard error of 0.9 %, so one of many shares
leaves a band of ±2 % by chance now and then; what is quick to fit is tried on 6,000 (0.5 %).
"""

import numpy as np

from benchmarks.figure import Figure, Scale
from schwung.predict import BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD
from schwung.predict.clv import PurchaseSummary
from schwung.predict.clv.purchase_model import PurchaseModel

BASES = {"bg_nbd": 6000, "mbg_nbd": 6000, "pareto_nbd": 2000}
SMALL = 40
CUSTOMERS, HORIZON = 2000, 270.0
LEVELS = {0.8: (0.78, 0.82), 0.95: (0.935, 0.965)}
TRUTH = {
    "bg_nbd": {"r": 0.243, "alpha": 30.9, "a": 0.793, "b": 2.426},
    "mbg_nbd": {"r": 0.525, "alpha": 43.3, "a": 0.891, "b": 1.614},
    "pareto_nbd": {"r": 0.553, "alpha": 74.0, "s": 0.606, "beta": 81.7},
}


def base(name: str, random: np.random.Generator, on_days: bool = False) -> tuple[PurchaseSummary, int]:
    """A summary, and the purchases of its customers within the horizon after it."""
    truth = TRUTH[name]
    age = random.integers(180, 366, CUSTOMERS).astype(np.float64)
    rate = np.maximum(random.gamma(truth["r"], 1 / truth["alpha"], CUSTOMERS), 1e-9)
    leaves, until = np.zeros(CUSTOMERS), np.full(CUSTOMERS, np.inf)
    if name == "pareto_nbd":
        until = random.exponential(size=CUSTOMERS) / random.gamma(truth["s"], 1 / truth["beta"], CUSTOMERS)
    else:
        leaves = random.beta(truth["a"], truth["b"], CUSTOMERS)
    frequency, recency, time, later = np.zeros(CUSTOMERS, np.int64), np.zeros(CUSTOMERS), np.zeros(CUSTOMERS), 0
    here = np.arange(CUSTOMERS)
    if name == "mbg_nbd":
        here = here[random.random(CUSTOMERS) >= leaves]
    while len(here):
        time[here] += random.exponential(size=len(here)) / rate[here]
        here = here[time[here] <= np.minimum(age[here] + HORIZON, until[here])]
        moment = np.ceil(time[here]) if on_days else time[here]
        known = moment <= age[here]
        new = known & (moment > recency[here])
        frequency[here[new]] += 1
        recency[here[new]] = moment[new]
        later += int((~known).sum())
        here = here[random.random(len(here)) >= leaves[here]]
    return PurchaseSummary.from_arrays(frequency, recency, age), later


def held(model: PurchaseModel, bases: int, seed: int, on_days: bool = False) -> dict[tuple[str, float], float]:
    """Share of bases whose interval held the truth, by what and level."""
    name = model.process.name
    truth = TRUTH[name]
    exact = model.from_parameters(**truth)
    hits: dict[tuple[str, float], int] = {}
    for number in range(bases):
        summary, came = base(name, np.random.default_rng([seed, number]), on_days)
        fitted = model.fit(summary)
        wanted = float(exact.expected_purchases(HORIZON, summary).value.sum())
        said = fitted.expected_purchases(HORIZON, summary)
        for level in LEVELS:
            ranges = {each: fitted.parameter_interval(each, level) for each in truth}
            found = {each: low <= truth[each] <= high for each, (low, high) in ranges.items()}
            for what, value, observed in (("expected sum", wanted, False), ("held-out purchases", came, True)):
                total = said.total(level, observed=observed)
                assert total.low is not None and total.high is not None
                found[what] = total.low <= value <= total.high
            for what, is_in in found.items():
                hits[what, level] = hits.get((what, level), 0) + int(is_in)
    return {what: hit / bases for what, hit in hits.items()}


def run(repeats: int, scale: Scale) -> list[Figure]:
    figures = []
    for model in (BetaGeoNBD(), ModifiedBetaGeoNBD(), ParetoNBD()):
        number = BASES[model.process.name] if scale == "full" else SMALL
        for (what, level), share in held(model, number, 1).items():
            low, high = LEVELS[level]
            off = max(low - share, share - high, 0.0)
            figures.append(
                Figure(
                    f"{model.process.title.en}: {level:.0%} interval of {what}", "share beyond the band", [off], "lower",
                    bar=0.0, note=f"held in {share:.1%} of {number} bases",
                )
            )  # fmt: skip
    return figures
