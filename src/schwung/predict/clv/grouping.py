"""What is known of customers beside their purchases, as levels; rare ones are put together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

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
        said, place = _named(column, edges)
        count = np.bincount(place, weights=weight, minlength=len(said))
        order = sorted(range(len(said)), key=lambda at: (-count[at], said[at]))
        least = max(_LEAST, _LEAST_SHARE * float(weight.sum()))
        kept = [said[at] for at in order[: _MOST - 1] if count[at] >= least and said[at] != REST]
        rest = [] if len(kept) == len(said) else [REST]
        return cls(name, (*kept, *rest) if kept else (REST,), edges)

    def place(self, values: npt.ArrayLike) -> Ints:
        """Level of each value; what was not known when the levels were found goes to the others, or to the first level."""
        said, place = _named(np.asarray(values), self.edges)
        known = {level: at for at, level in enumerate(self.levels)}
        other = known.get(REST, 0)
        return np.array([known.get(name, other) for name in said], np.int64)[place]


def _named(column: npt.NDArray, edges: Sequence[float]) -> tuple[list[str], Ints]:
    """Names that occur, and the one of each value."""
    if edges:
        low, high = ["", *[f"{edge:.4g}" for edge in edges]], [*[f"{edge:.4g}" for edge in edges], ""]
        parts = np.searchsorted(edges, column.astype(np.float64), side="right")
        return [f"{low[part]}–{high[part]}" for part in range(len(edges) + 1)], parts.astype(np.int64)
    coded = pa.array(column, from_pandas=True).dictionary_encode(null_encoding="encode")
    names = [REST if value is None else str(value) for value in coded.dictionary.to_pylist()]
    return names, coded.indices.to_numpy().astype(np.int64)
