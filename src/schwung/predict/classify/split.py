"""Which rows a model learns from and on which it is judged: shuffled folds, and what came later in time."""

from typing import Any

import numpy as np
import numpy.typing as npt

from schwung.predict.classify.coding import Flags, Floats


def shuffled_folds(happened: Floats, groups: npt.NDArray[Any] | None, count: int, seed: int) -> list[Flags]:
    """Masks of the rows held out in turn, both outcomes spread evenly over them.

    Shuffled, whatever the order of the rows: unshuffled folds of rows in time order turn a ranking upside down.
    groups: rows of one customer stay together.
    """
    chance = np.random.default_rng(seed)
    names = np.arange(len(happened)) if groups is None else np.unique(groups, return_inverse=True)[1]
    size = int(names.max()) + 1 if len(names) else 0
    has = np.zeros(size)
    np.maximum.at(has, names, happened)
    order = chance.permutation(size)
    order = order[np.argsort(has[order], kind="stable")]
    fold = np.empty(size, dtype=np.int64)
    fold[order] = np.arange(size) % count
    return [fold[names] == at for at in range(count)]


def by_time(times: Floats, share: float, gap: float) -> tuple[Flags, Flags]:
    """Masks of past and later rows: the latest `share` of them, and those whose outcome was known when these begin.

    gap: how long a row's outcome takes to be known, in the unit of times. Rows of one moment are not torn apart.
    """
    if not len(times):
        return np.zeros(0, bool), np.zeros(0, bool)
    edge = np.quantile(times, 1 - share, method="higher")
    if edge <= times.min():
        edge = np.nextafter(times.min(), np.inf)
    later = times >= edge
    return ~later & (times + gap <= edge), later


def naive_shares(value: Floats, happened: Floats, asked: Floats, classes: int = 10) -> Floats:
    """Shares in up to ten classes of one column, as they were, for the values asked; each class shrunk to all by ten rows."""
    known = np.unique(value[~np.isnan(value)])
    if len(known) > classes:
        known = np.unique(np.nanquantile(value, np.linspace(0, 1, classes + 1)[1:-1]))
    place, where = (_class_of(values, known) for values in (value, asked))
    base = happened.mean()
    counts = np.bincount(place, minlength=len(known) + 2)
    sums = np.bincount(place, happened, minlength=len(known) + 2)
    found: Floats = ((sums + 10 * base) / (counts + 10))[where]
    return found


def shares_apart(value: Floats, happened: Floats, folds: list[Flags]) -> Floats:
    """What one column alone says of rows that were not looked at: shares in its values, or in a hundred classes."""
    found = np.zeros(len(happened))
    for held in folds:
        found[held] = naive_shares(value[~held], happened[~held], value[held], 100)
    return found


def _class_of(values: Floats, edges: Floats) -> npt.NDArray[np.int64]:
    """0: not known."""
    return np.where(np.isnan(values), 0, np.searchsorted(edges, np.nan_to_num(values), side="right") + 1)
