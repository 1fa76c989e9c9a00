"""What BG/NBD, MBG/NBD and Pareto/NBD share: how they are fitted, given and read back."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.clv.fit import fit
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.process import Process
from schwung.predict.clv.summary import PurchaseSummary


class PurchaseModel:
    """`fit` a summary, or frequency, recency and T of each customer: repeat purchases, age at the last one, age."""

    process: ClassVar[Process]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(): {self.process.title}. .fit(frequency, recency, T) or .fit(PurchaseSummary)"

    def fit(
        self,
        frequency: PurchaseSummary | npt.ArrayLike,
        recency: npt.ArrayLike | None = None,
        T: npt.ArrayLike | None = None,
        *,
        unit: str = "day",
    ) -> FittedPurchases:
        """Maximum likelihood. unit: of recency and T. InputError with the rows that are the reason if it cannot be fitted."""
        if not isinstance(frequency, PurchaseSummary):
            if recency is None or T is None:
                raise TypeError("pass a PurchaseSummary, or frequency, recency and T")
            frequency = PurchaseSummary.from_arrays(frequency, recency, T, unit=unit)
        summary, names = frequency, self.process.parameters
        rows = summary.distinct
        found = fit(self.process, rows)
        values = np.exp(found.logs)
        return FittedPurchases(
            self.process,
            dict(zip(names, values.tolist(), strict=True)),
            {
                name: float(value * error) if np.isfinite(error) else None
                for name, value, error in zip(names, values, found.errors, strict=True)
            },
            tuple(found.center.tolist()),
            found.covariance,
            found.value,
            round(rows.customers),
            round(rows.purchases),
            summary.unit,
            summary.window,
            found.warnings,
        )

    @classmethod
    def from_parameters(cls, *, unit: str = "day", **parameters: float) -> FittedPurchases:
        """A model whose parameters are known; its intervals hold what will happen only, not their uncertainty."""
        names = cls.process.parameters
        wrong = [name for name in names if not 0 < parameters.get(name, 0) < np.inf] + sorted(
            set(parameters) - set(names)
        )
        if wrong:
            raise InputError(
                "model_parameters",
                Text(
                    "{title} needs its parameters as positive numbers; wrong: {wrong}.",
                    "{title} braucht seine Parameter als positive Zahlen; falsch: {wrong}.",
                ).fill(title=cls.process.title, wrong=", ".join(wrong)),
                Text("They are: {names}.", "Sie heißen: {names}.").fill(names=", ".join(names)),
            )
        return FittedPurchases(cls.process, {name: float(parameters[name]) for name in names}, unit=unit)

    @classmethod
    def from_json(cls, told: str | Mapping[str, Any]) -> FittedPurchases:
        """What `to_json` (or `told`) gave."""
        kept: Mapping[str, Any] = json.loads(told) if isinstance(told, str) else told
        window = kept.get("window")
        return FittedPurchases(
            cls.process,
            kept["parameters"],
            kept.get("standard_errors", {}),
            None if kept.get("center") is None else tuple(kept["center"]),
            None if kept.get("covariance") is None else np.array(kept["covariance"]),
            kept.get("log_likelihood"),
            kept.get("customers", 0),
            kept.get("purchases", 0),
            kept.get("unit", "day"),
            None if window is None else (window[0], window[1]),
            tuple(Text(each["en"], each["de"]) for each in kept.get("warnings", ())),
        )
