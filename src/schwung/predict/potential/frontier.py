"""Step 4, assess: what similar customers reach. The frontier is the 90 % quantile of the year's value given what is known."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from schwung.core.clock import DAY, Instant
from schwung.core.text import Text
from schwung.predict.potential.quantile import check_loss, quantile_fit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
QUANTILE = 0.9
LEAST = 100
DRAWS, _FEW_DRAWS, _MANY = 60, 20, 10_000
"""Fewer draws where the distinct rows are many."""
_LEVELS, _LEAST_SHARE = 6, 0.03
_CROWD = 20_000
_GRID = 0.05
"""Logarithms are rounded to that: 5 % apart are alike, so that customers fall together."""
_NAMES = {
    "history": Text("value of the year before", "Wert des Jahres davor"),
    "tenure": Text("time as a customer", "Zeit als Kunde"),
    "categories": Text("categories bought from (needs)", "gekaufte Kategorien (Bedarf)"),
    "country": Text("country", "Land"),
    "region": Text("region", "Region"),
    "size": Text("size", "Größe"),
    "power": Text("purchasing power", "Kaufkraft"),
}


@dataclass(frozen=True)
class Design:
    """columns: one row per customer; used: by which features customers are alike."""

    columns: Floats
    used: tuple[str, ...]

    @property
    def titles(self) -> list[Text]:
        return [_NAMES[name] for name in self.used]


@dataclass(frozen=True)
class Frontier:
    """reach: per customer the value that the best tenth of similar ones pass, minor units. below: share of customers kept out
    who lie under it. explained: how much closer it lies than one quantile for all, 0 to 1. draws: coefficients of each bootstrap draw. highest: logarithm of what the best customer brought."""

    reach: Floats
    below: float
    explained: float
    design: Design
    draws: list[Floats]
    highest: float

    def reach_of(self, beta: Floats) -> Floats:
        """Never above what the best customer brought."""
        return np.exp(np.minimum(self.design.columns @ beta, self.highest))


def design_of(rows: pa.Table, before: Floats, at: Instant) -> Design:
    """rows: of `base`. before: value of the year before, minor units. What is known of hardly anybody is not used."""
    count = rows.num_rows
    grid = 0.25 * _coarser(count)
    months = (at - rows["first_at"].to_numpy()) / (30.4375 * DAY)
    columns, used = [np.ones(count)], ["tenure"]
    columns += [_rounded(np.log1p(months), grid), (months < 12).astype(float)]
    if (before > 0).mean() >= _LEAST_SHARE:
        used.append("history")
        columns += [_rounded(np.log1p(np.maximum(before, 0)), 2 * grid), (before > 0).astype(float)]
    categories = rows["categories"].to_numpy().astype(float)
    if (categories > 1).mean() >= _LEAST_SHARE:
        used.append("categories")
        columns += [np.log1p(categories)]
    for name in ("country", "region", "size", "power"):
        levels = _levels(rows[name])
        if levels:
            used.append(name)
            columns += levels
    table = np.column_stack(columns)
    spread = np.r_[True, table[:, 1:].std(0) > 1e-9]
    return Design(table[:, spread], tuple(used))


def _coarser(count: int) -> int:
    """Of many customers the steps are twice as wide, so that they fall together."""
    return 2 if count > _CROWD else 1


def _levels(column: pa.ChunkedArray) -> list[Floats]:
    """A column of 0 and 1 for the most frequent values but the first; the others and what is not known are one more. A number
    with many values counts by its size."""
    coded = column.combine_chunks().dictionary_encode()
    place = pc.fill_null(coded.indices, -1).to_numpy().astype(np.int64)
    distinct = coded.dictionary.to_pylist()
    if not distinct or (place >= 0).mean() < _LEAST_SHARE:
        return []
    number = _numbers(distinct)
    if number is not None and not np.isfinite(number).all():  # “nan” and “inf” say nothing
        says = np.isfinite(number)
        place = np.where((place >= 0) & says[place], place, -1)
    known = place >= 0
    if number is not None and len(np.unique(number[place[known]])) > _LEVELS:
        whole = np.zeros(len(place))
        whole[known] = np.log1p(np.maximum(number[place[known]], 0))
        return [_rounded(whole, 0.25), known.astype(float)]
    many = np.bincount(place[known], minlength=len(distinct))
    names = np.array(distinct).astype(str)
    ranked = np.lexsort((names, -many))
    ranked = ranked[many[ranked] > 0]
    frequent = [at for at in ranked[:_LEVELS].tolist() if many[at] >= _LEAST_SHARE * len(place)]
    others = len(frequent) < len(ranked) or not known.all()
    chosen = frequent if others else frequent[1:]
    return [(place == at).astype(float) for at in chosen]


def _numbers(values: list[Any]) -> Floats | None:
    try:
        return np.array([float(value) for value in values])
    except ValueError:
        return None


def _rounded(values: Floats, grid: float) -> Floats:
    return np.round(values / grid) * grid


def frontier(design: Design, value: Floats, seed: int) -> Frontier | None:
    """value: of the year, minor units, above zero. None for fewer than LEAST customers."""
    if len(value) < LEAST:
        return None
    y = _rounded(np.log(value), _GRID * _coarser(len(value)))
    chance = np.random.Generator(np.random.PCG64(seed))
    half = chance.random(len(value)) < 0.5
    learned = _fit(design.columns[half], y[half])
    rest = y[~half] - design.columns[~half] @ learned
    flat = y[~half] - np.quantile(y[half], QUANTILE)
    ones = np.ones(len(rest))
    loss, plain = check_loss(rest, ones, QUANTILE), check_loss(flat, ones, QUANTILE)
    cells, count = _distinct(np.column_stack([design.columns, y]))
    x, told = cells[:, :-1], cells[:, -1]
    beta = quantile_fit(x, told, count, QUANTILE)
    draws = [
        quantile_fit(x, told, weight, QUANTILE, 1e-6)
        for weight in chance.poisson(count, (DRAWS if len(count) <= _MANY else _FEW_DRAWS, len(count))).astype(float)
    ]
    explained = max(0.0, 1 - loss / plain) if plain > 0 else 0.0
    highest = float(y.max())
    reach = np.exp(np.minimum(design.columns @ beta, highest))
    return Frontier(reach, float((rest <= 0).mean()), explained, design, draws, highest)


def _fit(columns: Floats, y: Floats) -> Floats:
    cells, count = _distinct(np.column_stack([columns, y]))
    return quantile_fit(cells[:, :-1], cells[:, -1], count, QUANTILE)


def _distinct(rows: Floats) -> tuple[Floats, Floats]:
    cells, count = np.unique(rows, axis=0, return_counts=True)
    return cells, count.astype(float)
