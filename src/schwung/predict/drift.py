"""How far a fit lies from the one before: parameters in their errors, quality, customers in another group."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schwung.core.text import Text
from schwung.predict.model import Model, Trained

FAR = 3.0
"""Errors apart: so far parameters of the same customers hardly move by chance."""
MANY = 0.2
_TENTHS = 10


@dataclass(frozen=True, slots=True)
class Drift:
    """version: the one that it is compared with. parameters: in standard errors of the difference, where both are known.
    quality: now less before. moved_share: of the customers of both, those in another group (or another tenth)."""

    version: int
    parameters: Mapping[str, float]
    quality: Mapping[str, float]
    moved_share: float | None

    def to_json(self) -> dict[str, Any]:
        names = ("version", "parameters", "quality", "moved_share")
        return {name: getattr(self, name) for name in names}

    @property
    def sentences(self) -> tuple[Text, ...]:
        """What is worth a look; none where all is quiet."""
        far = {name: apart for name, apart in self.parameters.items() if abs(apart) >= FAR}
        said = [
            Text(
                "{name} lies {apart} standard errors from the fit before.",
                "{name} liegt {apart_de} Standardfehler von der vorigen Anpassung entfernt.",
            ).fill(name=name, apart=f"{abs(apart):.1f}", apart_de=f"{abs(apart):.1f}".replace(".", ","))
            for name, apart in far.items()
        ]
        if self.moved_share is not None and self.moved_share >= MANY:
            said.append(
                Text(
                    "{share}% of the customers are in another group than after the fit before.",
                    "{share} % der Kunden sind in einer anderen Gruppe als nach der vorigen Anpassung.",
                ).fill(share=round(100 * self.moved_share))
            )
        return tuple(said)


def drift(version: int, before: Trained, now: Trained, moved_share: float | None) -> Drift:
    """Of two fits of one model."""
    apart = {}
    for name, value in now.parameters.items():
        errors = now.standard_errors.get(name), before.standard_errors.get(name)
        was = before.parameters.get(name)
        if was is not None and value is not None and errors[0] and errors[1]:
            apart[name] = (value - was) / float(np.hypot(errors[0], errors[1]))
    quality = {
        name: value - before.quality[name]
        for name, value in now.quality.items()
        if value is not None and before.quality.get(name) is not None
    }
    return Drift(version, apart, quality, moved_share)


def grouping(model: Model) -> str:
    """The target by which customers are told apart: the first group, else the first target."""
    groups = [target.name for target in model.targets if target.unit == "group"]
    return groups[0] if groups else model.targets[0].name


def moved_share(before: pa.Table, now: pa.Table) -> float | None:
    """Of the customers in both (customer_id, value, label), the share in another group. None where none is in both.

    Without labels: tenths by value; the next tenth is no other group, since borders move with everybody.
    """
    both = before.join(now, "customer_id", join_type="inner", left_suffix="_before", right_suffix="_now")
    if not both.num_rows:
        return None
    if both["label_now"].null_count < both.num_rows:
        same = pc.fill_null(pc.equal(both["label_before"], both["label_now"]), False)
        return 1.0 - float(pc.mean(pc.cast(same, pa.float64())).as_py())
    places = [_tenth(both[name].to_numpy(zero_copy_only=False)) for name in ("value_before", "value_now")]
    return float(np.mean(np.abs(places[0] - places[1]) > 1))


def _tenth(values: np.ndarray) -> np.ndarray:
    """Tenth of each value, equal values in the same one."""
    bounds = np.nanquantile(values, np.arange(1, _TENTHS) / _TENTHS) if np.isfinite(values).any() else np.empty(0)
    found: np.ndarray = np.searchsorted(bounds, values, side="right")
    return found
