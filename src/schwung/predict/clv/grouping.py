"""What is known of customers beside their purchases, as levels; rare ones are put together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schwung.predict.clv.rows import Floats, Ints

REST = "(other)"
_LEAST_SHARE = 0.02
_LEAST = 30
_MOST = 12
_PARTS = 5


@dataclass(frozen=True, slots=True)
class Grouping:
    """One column. levels: the most frequent one first; it is what the others are compared with. edges: of numbers, if it holds numbers."""

    name: str
    levels: tuple[str, ...]
    edges: tuple[float, ...] = ()

    @classmethod
    def of(cls, name: str, values: npt.ArrayLike, weight: Floats | None = None) -> "Grouping":
        """Numbers with many values are cut into fifths. weight: customers of each value given."""
        column = np.asarray(values)
        weight = np.ones(len(column)) if weight is None else weight
        edges: tuple[float, ...] = ()
        if column.dtype.kind in "iuf" and len(np.unique(column)) > _MOST:
            numbers = column.astype(np.float64)
            cuts = np.quantile(numbers[np.isfinite(numbers)], np.linspace(0, 1, _PARTS + 1)[1:-1])
            edges = tuple(float(cut) for cut in np.unique(cuts))
        said, place = np.unique(_named(column, edges), return_inverse=True)
        count = np.bincount(place, weights=weight, minlength=len(said))
        order = np.lexsort((said, -count))
        least = max(_LEAST, _LEAST_SHARE * float(weight.sum()))
        kept = [str(said[place]) for place in order[: _MOST - 1] if count[place] >= least]
        rest = [] if len(kept) == len(said) else [REST]
        return cls(name, (*kept, *rest) if kept else (REST,), edges)

    def place(self, values: npt.ArrayLike) -> Ints:
        """Level of each value; what was not known when the levels were found goes to the others, or to the first level."""
        said = _named(np.asarray(values), self.edges)
        known = {level: place for place, level in enumerate(self.levels)}
        other = known.get(REST, 0)
        names, inverse = np.unique(said, return_inverse=True)
        return np.array([known.get(str(name), other) for name in names], np.int64)[inverse]


def _named(column: npt.NDArray, edges: Sequence[float]) -> npt.NDArray:
    if not edges:
        return np.array([REST if value is None or value != value else str(value) for value in column])
    parts = np.searchsorted(edges, column.astype(np.float64), side="right")
    low, high = ["", *[f"{edge:.4g}" for edge in edges]], [*[f"{edge:.4g}" for edge in edges], ""]
    return np.array([f"{low[part]}–{high[part]}" for part in range(len(edges) + 1)])[parts]
