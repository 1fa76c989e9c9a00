"""A purchase process whose customers are told apart by what is known of them from the start (channel, first basket, country).

Covariates multiply parameters (Fader & Hardie 2007, “Incorporating time-invariant covariates”): those of a group are those of the
first levels times a factor for each level of each column. `p` holds the parameters of the first levels, then the factors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from schwung.core.text import Text
from schwung.predict.clv.grouping import Grouping
from schwung.predict.clv.newton import Derivatives, Objective
from schwung.predict.clv.process import Chart, Coordinate, Process
from schwung.predict.clv.rows import Floats, Ints, Rows

_FURTHEST = 8.0
_LOW = Text("the factor goes to 0", "der Faktor geht gegen 0")
_HIGH = Text("the factor grows without bound", "der Faktor wächst unbegrenzt")


@dataclass(frozen=True, eq=False)
class Grouped:
    """groupings: columns and their levels. covaried: parameters that they multiply. shares: of customers by group, for what is said
    of a customer of whom nothing is known; a group is a level of each column, numbered in the order of columns."""

    process: Process
    groupings: tuple[Grouping, ...]
    covaried: tuple[str, ...]
    shares: Mapping[int, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.process.name

    @property
    def title(self) -> Text:
        return self.process.title

    @property
    def clocked(self) -> tuple[str, ...]:
        return self.process.clocked

    @cached_property
    def effects(self) -> tuple[tuple[str, str, str], ...]:
        """parameter, column, level of each factor."""
        levels = [(one.name, level) for one in self.groupings for level in one.levels[1:]]
        return tuple((parameter, *level) for parameter in self.covaried for level in levels)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        factors = [f"{parameter} × {column} {level}" for parameter, column, level in self.effects]
        return (*self.process.parameters, *factors)

    @property
    def chart(self) -> Chart:
        size, inner = len(self.parameters), self.process.chart
        known = len(self.process.parameters)
        matrix = np.eye(size)
        matrix[:known, :known] = inner.matrix
        factors = [Coordinate(name, (name,), -_FURTHEST, _FURTHEST, _LOW, _HIGH) for name in self.parameters[known:]]
        return Chart(matrix, (*inner.coordinates, *factors))

    def place(self, columns: Mapping[str, Any]) -> Ints:
        """Group of each customer, from the values of each column."""
        sizes = tuple(len(one.levels) for one in self.groupings)
        levels = tuple(one.place(columns[one.name]) for one in self.groupings)
        return np.ravel_multi_index(levels, sizes).astype(np.int64)

    def with_shares(self, group: Ints, count: Floats | None = None) -> "Grouped":
        """The same, knowing how many customers belong to each group."""
        found = np.bincount(group, weights=count)
        shares = {int(place): float(found[place] / found.sum()) for place in np.flatnonzero(found)}
        return Grouped(self.process, self.groupings, self.covaried, shares)

    def start(self, rows: Rows) -> Floats:
        return np.concatenate([self.process.start(rows), np.zeros(len(self.effects))])

    def likelihood(self, rows: Rows) -> Objective:
        parts = [(self._matrix(group), self.process.likelihood(rows.where(at))) for group, at in _groups(rows)]

        def whole(at: Floats) -> Derivatives:
            value, gradient, hessian = 0.0, np.zeros(len(at)), np.zeros((len(at), len(at)))
            for matrix, objective in parts:
                part = objective(matrix @ at)
                value += part[0]
                gradient += matrix.T @ part[1]
                hessian += matrix.T @ part[2] @ matrix
            return value, gradient, hessian

        return whole

    def alive(self, p: Floats, rows: Rows) -> Floats:
        return self._each(p, rows, self.process.alive)

    def expected(self, p: Floats, rows: Rows, horizon: float) -> Floats:
        return self._each(p, rows, lambda own, some: self.process.expected(own, some, horizon))

    def pairs(self, p: Floats, rows: Rows, horizon: float) -> Floats:
        return self._each(p, rows, lambda own, some: self.process.pairs(own, some, horizon))

    def silent(self, p: Floats, rows: Rows, horizon: float) -> Floats:
        return self._each(p, rows, lambda own, some: self.process.silent(own, some, horizon))

    def waiting(self, p: Floats, rows: Rows, share: float) -> Floats:
        return self._each(p, rows, lambda own, some: self.process.waiting(own, some, share))

    def discounted(self, p: Floats, rows: Rows, horizon: float, discount: float) -> Floats:
        return self._each(p, rows, lambda own, some: self.process.discounted(own, some, horizon, discount))

    def draw(self, p: Floats, rows: Rows, horizon: float, random: np.random.Generator) -> Ints:
        def drawn(own: Floats, some: Rows) -> Floats:
            return self.process.draw(own, some, horizon, random).astype(np.float64)

        return self._each(p, rows, drawn).astype(np.int64)

    def of_group(self, p: Floats, group: int) -> Floats:
        """Parameters of a group."""
        found: Floats = np.exp(self._matrix(group) @ np.log(p))
        return found

    def _each(self, p: Floats, rows: Rows, ask: Callable[[Floats, Rows], Floats]) -> Floats:
        if rows.group is None:
            known = [share * ask(self.of_group(p, group), rows) for group, share in self.shares.items()]
            return np.sum(known, axis=0)
        found = np.empty(len(rows))
        for group, at in _groups(rows):
            found[at] = ask(self.of_group(p, group), rows.where(at))
        return found

    def _matrix(self, group: int) -> Floats:
        """Logarithms of a group's parameters from those of `p`."""
        levels = np.unravel_index(group, tuple(len(one.levels) for one in self.groupings))
        known = [*self.process.parameters]
        chosen = {(one.name, one.levels[int(level)]) for one, level in zip(self.groupings, levels, strict=True)}
        matrix = np.eye(len(known), len(self.parameters))
        for place, (parameter, *which) in enumerate(self.effects, len(known)):
            matrix[known.index(parameter), place] = float(tuple(which) in chosen)
        return matrix


def told(process: Grouped) -> dict[str, Any]:
    """As plain values."""
    groupings = [{"name": one.name, "levels": list(one.levels), "edges": list(one.edges)} for one in process.groupings]
    shares = {str(group): share for group, share in process.shares.items()}
    return {"groupings": groupings, "covaried": list(process.covaried), "shares": shares}


def read(process: Process, kept: Mapping[str, Any]) -> Grouped:
    """What `told` gave."""
    groupings = tuple(Grouping(one["name"], tuple(one["levels"]), tuple(one["edges"])) for one in kept["groupings"])
    shares = {int(group): float(share) for group, share in kept["shares"].items()}
    return Grouped(process, groupings, tuple(kept["covaried"]), shares)


def _groups(rows: Rows) -> Sequence[tuple[int, Ints]]:
    """Each group that there is, with its rows in their order."""
    assert rows.group is not None
    order = np.argsort(rows.group, kind="stable")
    ordered = rows.group[order]
    known, starts = np.unique(ordered, return_index=True)
    return list(zip(known.tolist(), np.split(order, starts[1:]), strict=True))
