"""Predictions: value, churn, scores, potential, the next product, attribution, budget, forecast. Models also work on plain arrays.

`from schwung.predict import BetaGeoNBD; BetaGeoNBD().fit(frequency, recency, T)`.
"""

from importlib import import_module
from typing import Any

_FOUND_IN = {
    "BetaGeoNBD": "clv",
    "ModifiedBetaGeoNBD": "clv",
    "ParetoNBD": "clv",
    "GammaGamma": "clv",
    "ShiftedBetaGeometric": "clv",
    "PurchaseSummary": "clv",
    "attribute": "attribution",
    "solve_budget": "budget",
    "customer_equity": "budget",
    "OutcomeClassifier": "classify.outcome",
    "ContractLifetime": "lifetime",
}
"""What the analyst takes from here, and the part of the room where it lies: read on first use, so that start-up stays quick."""

__all__ = [*_FOUND_IN]


def __getattr__(name: str) -> Any:
    if name in _FOUND_IN:
        return getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute {name!r}")
