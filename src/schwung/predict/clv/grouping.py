"""What is known of customers beside their purchases, as groups: each column becomes levels; rare ones are put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    def of(cls, name: str, values: npt.ArrayLike) -> "Grouping":
        """Numbers with many values are cut into fifths."""
        column = np.asarray(values)
        edges: tuple[float, ...] = ()
        if column.dtype.kind in "iuf" and len(np.unique(column)) > _MOST:
            numbers = column.astype(np.float64)
            cuts = np.quantile(numbers[np.isfinite(numbers)], np.linspace(0, 1, _PARTS + 1)[1:-1])
            edges = tuple(float(cut) for cut in np.unique(cuts))
        said, count = np.unique(_named(column, edges), return_counts=True)
        order = np.lexsort((said, -count))
        least = max(_LEAST, _LEAST_SHARE * len(column))
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


@dataclass(frozen=True, eq=False)
class Groups:
    """Customers by what is known of them. combined: level of each column, groups × columns; place: group of each customer."""

    groupings: tuple[Grouping, ...]
    combined: Ints
    place: Ints

    @classmethod
    def of(cls, columns: Mapping[str, Any], groupings: Sequence[Grouping] | None = None) -> "Groups":
        found = tuple(groupings or (Grouping.of(name, values) for name, values in columns.items()))
        levels = np.stack([each.place(columns[each.name]) for each in found], axis=1)
        combined, place = np.unique(levels, axis=0, return_inverse=True)
        return cls(found, combined.astype(np.int64), place.reshape(-1).astype(np.int64))

    @property
    def design(self) -> Floats:
        """Groups × effects: 1 where a group has a level other than the first of its column."""
        parts = [
            (self.combined[:, [place]] == np.arange(1, len(grouping.levels))).astype(np.float64)
            for place, grouping in enumerate(self.groupings)
        ]
        return np.concatenate(parts, axis=1)

    @property
    def effects(self) -> tuple[tuple[str, str], ...]:
        """column, level of each effect."""
        return tuple((each.name, level) for each in self.groupings for level in each.levels[1:])
