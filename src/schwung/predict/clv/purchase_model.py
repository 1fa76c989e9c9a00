"""What BG/NBD, MBG/NBD and Pareto/NBD share: how they are fitted, given and read back."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy.typing as npt

from schwung.predict.clv import grouped
from schwung.predict.clv.estimated import estimated, given, read
from schwung.predict.clv.fit import fit
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.grouped import Grouped
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
        with_sides: bool = True,
    ) -> FittedPurchases:
        """Maximum likelihood. unit: of recency and T. with_sides: False where nobody asks for intervals of parameters. InputError with the rows that are the reason if it cannot be fitted."""
        if not isinstance(frequency, PurchaseSummary):
            if recency is None or T is None:
                raise TypeError("pass a PurchaseSummary, or frequency, recency and T")
            frequency = PurchaseSummary.from_arrays(frequency, recency, T, unit=unit)
        return fit_process(self.process, frequency, with_sides)

    @classmethod
    def from_parameters(cls, *, unit: str = "day", **parameters: float) -> FittedPurchases:
        """A model whose parameters are known; its intervals hold what will happen only, not their uncertainty."""
        known = given(cls.process.title, cls.process.parameters, parameters)
        return FittedPurchases(model=cls.process.name, process=cls.process, parameters=known, unit=unit)

    @classmethod
    def from_json(cls, told: str | Mapping[str, Any]) -> FittedPurchases:
        """What `to_json` (or `told`) gave."""
        kept: Mapping[str, Any] = json.loads(told) if isinstance(told, str) else told
        window, groups = kept.get("window"), kept.get("groups")
        process = cls.process if groups is None else grouped.read(cls.process, groups)
        return FittedPurchases(
            model=process.name,
            process=process,
            purchases=kept.get("purchases", 0),
            unit=kept.get("unit", "day"),
            window=None if window is None else (window[0], window[1]),
            **read(kept, process.parameters),
        )


def fit_process(process: Process, summary: PurchaseSummary, with_sides: bool = True) -> FittedPurchases:
    """Maximum likelihood."""
    rows = summary.distinct
    if isinstance(process, Grouped) and rows.group is not None:
        process = process.with_shares(rows.group, rows.count)
    return FittedPurchases(
        model=process.name,
        process=process,
        purchases=round(rows.purchases),
        unit=summary.unit,
        window=summary.window,
        **estimated(fit(process, rows, with_sides), process.parameters, rows.customers),
    )
