"""What all fitted models of this family hold: parameters, their errors, how they were found; as values and as JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.clv.fit import Found
from schwung.predict.clv.predicted import z_of
from schwung.predict.clv.profile import way_at
from schwung.predict.clv.rows import Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Estimated:
    """parameters: in the order of the model. standard_errors: None for a parameter at the boundary, none at all if they were given.

    covariance: of the logarithms of the parameters around `center`; None if the parameters were given, not fitted.
    sides: of intervals of parameters (profile.py); None: they are symmetric on the logarithm.
    """

    model: str
    parameters: Mapping[str, float]
    standard_errors: Mapping[str, float | None] = field(default_factory=dict)
    center: tuple[float, ...] | None = None
    covariance: Floats | None = None
    sides: Floats | None = None
    log_likelihood: float | None = None
    customers: int = 0
    warnings: tuple[Text, ...] = ()

    @property
    def values(self) -> Floats:
        return np.array(list(self.parameters.values()))

    @property
    def uncertainty(self) -> tuple[Floats, Floats]:
        """Center and covariance of the logarithms; zeros if the parameters were given."""
        size = len(self.parameters)
        center = np.log(self.values) if self.center is None else np.array(self.center)
        return center, np.zeros((size, size)) if self.covariance is None else self.covariance

    def parameter_interval(self, name: str, level: float = 0.95) -> tuple[float, float]:
        """By the likelihood ratio; where that was not worked out (many rows, a boundary), symmetric on the logarithm."""
        place = list(self.parameters).index(name)
        center, covariance = self.uncertainty
        error, z = float(np.sqrt(covariance[place, place])), z_of(level)
        ways = (-z, z) if self.sides is None else (way_at(self.sides[place], -z), way_at(self.sides[place], z))
        low, high = (float(np.exp(center[place] + error * way)) for way in ways)
        return low, high

    def drawn(self, random: np.random.Generator) -> Floats:
        """Logarithms of the parameters, drawn from what is known of them."""
        center, covariance = self.uncertainty
        bends, axes = np.linalg.eigh(covariance)
        found: Floats = center + axes @ (np.sqrt(np.maximum(bends, 0)) * random.standard_normal(len(center)))
        return found

    def told(self) -> dict[str, Any]:
        """All of it as plain values; `from_json` of the model reads them back."""
        return {
            "model": self.model,
            "parameters": dict(self.parameters),
            "standard_errors": dict(self.standard_errors),
            "center": self.center,
            "covariance": None if self.covariance is None else self.covariance.tolist(),
            "sides": None if self.sides is None else self.sides.tolist(),
            "log_likelihood": self.log_likelihood,
            "customers": self.customers,
            "warnings": [{"en": warning.en, "de": warning.de} for warning in self.warnings],
        }

    def to_json(self) -> str:
        return json.dumps(self.told())

    def _lines(self, *head: str) -> list[str]:
        """For people at a prompt."""
        lines = [", ".join((self.model, f"{self.customers:,} customers", *head))]
        for name, value in self.parameters.items():
            error = self.standard_errors.get(name)
            lines.append(f"  {name:<6} {value:.6g}" + (f" ± {error:.3g}" if error is not None else ""))
        if self.log_likelihood is not None:
            lines.append(f"  log-likelihood {self.log_likelihood:,.4f}")
        return [*lines, *(f"  ! {warning}" for warning in self.warnings)]


def estimated(found: Found, names: tuple[str, ...], customers: float, *more: Text) -> dict[str, Any]:
    """The fields of a fit."""
    return {
        "parameters": dict(zip(names, np.exp(found.logs).tolist(), strict=True)),
        "standard_errors": found.standard_errors(names),
        "center": tuple(found.center.tolist()),
        "covariance": found.covariance,
        "sides": found.sides,
        "log_likelihood": found.value,
        "customers": round(customers),
        "warnings": (*found.warnings, *more),
    }


def read(told: str | Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The fields that `told` gave, of all models."""
    kept: Mapping[str, Any] = json.loads(told) if isinstance(told, str) else told
    return {
        "parameters": {name: float(kept["parameters"][name]) for name in names},
        "standard_errors": kept.get("standard_errors", {}),
        "center": None if kept.get("center") is None else tuple(kept["center"]),
        "covariance": None if kept.get("covariance") is None else np.array(kept["covariance"]),
        "sides": None if kept.get("sides") is None else np.array(kept["sides"]),
        "log_likelihood": kept.get("log_likelihood"),
        "customers": kept.get("customers", 0),
        "warnings": tuple(Text(each["en"], each["de"]) for each in kept.get("warnings", ())),
    }


def given(title: Text, names: tuple[str, ...], parameters: Mapping[str, float]) -> dict[str, float]:
    """Parameters that are known. InputError that names the wrong ones."""
    wrong = [name for name in names if not 0 < parameters.get(name, 0) < np.inf]
    wrong += sorted(set(parameters) - set(names))
    if wrong:
        raise InputError(
            "model_parameters",
            Text(
                "{title} needs its parameters as positive numbers; wrong: {wrong}.",
                "{title} braucht seine Parameter als positive Zahlen; falsch: {wrong}.",
            ).fill(title=title, wrong=", ".join(wrong)),
            Text("They are: {names}.", "Sie heißen: {names}.").fill(names=", ".join(names)),
        )
    return {name: float(parameters[name]) for name in names}
