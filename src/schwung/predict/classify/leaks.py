"""Columns that are known only after the outcome: found by what they know, and refused with a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from schwung.core.text import Text
from schwung.measure.said import decimal
from schwung.predict.classify.coding import Column, Flags, Floats
from schwung.predict.classify.quality import auc
from schwung.predict.classify.split import shares_apart, shuffled_folds
from schwung.predict.classify.trees import tell_apart

TOO_GOOD = 0.95
"""No column that was known before tells outcomes apart so well alone (AUC)."""
SUSPECT = 0.75
"""From here on a column alone is compared with all others together."""
HALF = 0.5
"""Share of the error of all others together that one column takes away, if it is refused."""
_LEAST_KNOWING = 0.6
_LEAST_CASES = 200
_LEAST_FILLED = 20
_FILLED_SHARE = 0.05
_TWINS = 0.9
_MOST_ROWS = 10_000
_MOVED = 0.9

_AFTER = Text(
    "“{column}” holds moments after the time of its row ({n} rows): it was not known then.",
    "„{column}“ enthält Zeitpunkte nach dem Zeitpunkt der Zeile ({n} Zeilen): Das war damals nicht bekannt.",
)
_ONE_SIDED = Text(
    "“{column}” is filled in only where it {side}: it is known only after the outcome.",
    "„{column}“ ist nur gefüllt, wo es {side}: Die Spalte ist erst nach dem Ausgang bekannt.",
)
_HAPPENED = Text("happened", "eintrat")
_NOT = Text("did not happen", "nicht eintrat")
_ALONE = Text(
    "“{column}” alone tells the outcomes apart almost without error (AUC {auc}): so much is known only afterwards.",
    "„{column}“ trennt die Ausgänge allein fast fehlerfrei (AUC {auc}): So viel weiß man erst danach.",
)
_MORE_THAN_ALL = Text(
    "“{column}” alone knows more (AUC {auc}) than all other columns together ({others}): that is the mark of what is "
    "known only after the outcome.",
    "„{column}“ weiß allein mehr (AUC {auc}) als alle anderen Spalten zusammen ({others}): Das kennzeichnet, was "
    "erst nach dem Ausgang bekannt ist.",
)
_TWIN = Text(
    "“{column}” says the same as “{other}”, which is known only after the outcome.",
    "„{column}“ sagt dasselbe wie „{other}“, was erst nach dem Ausgang bekannt ist.",
)
TELLS_TIME = Text(
    "Columns that are never as they were: {names}. What the model learned of them may not hold later.",
    "Spalten, die nicht mehr sind, wie sie waren: {names}. Was das Modell daran lernte, gilt später womöglich nicht.",
)


@dataclass(frozen=True, slots=True)
class Refused:
    """A column and the reason in words."""

    column: str
    why: Text
    twin_of: str = ""


def leaks(
    matrix: Floats, happened: Floats, columns: Sequence[Column], known_before: Sequence[str] = (), seed: int = 1,
    titles: Mapping[str, Text] | None = None,
) -> tuple[Refused, ...]:  # fmt: skip
    """Columns to be refused. known_before: those that a person vouches for. titles: what columns are called in sentences."""
    found = {
        one.column: one for one in (*_after(matrix, columns), *_one_sided(matrix, happened, columns, known_before))
    }
    at = [place for place, column in enumerate(columns) if column.name not in found]
    for one in _knowing(matrix[:, at], happened, [columns[place] for place in at], known_before, seed):
        found[one.column] = one
    called = titles or {}
    return tuple(
        Refused(name, one.why.fill(column=called.get(name, name), other=called.get(one.twin_of, one.twin_of)))
        for name, one in found.items()
    )


def tell_time(matrix: Floats, later: Flags, columns: Sequence[Column], seed: int = 1) -> list[str]:
    """Columns by which alone one can tell whether a row is an early or a late one."""
    rows, flags = _drawn(matrix, later.astype(np.float64), seed)
    if min(flags.sum(), len(flags) - flags.sum()) < _LEAST_FILLED:
        return []
    folds = shuffled_folds(flags, None, 3, seed)
    return [
        column.name for at, column in enumerate(columns) if auc(flags, shares_apart(rows[:, at], flags, folds)) > _MOVED
    ]


def _after(matrix: Floats, columns: Sequence[Column]) -> list[Refused]:
    """Dates are days before the row's time, so those after it are negative."""
    found = []
    for at, column in enumerate(columns):
        n = int((matrix[:, at] < 0).sum()) if column.kind == "moment" else 0
        if n:
            found.append(Refused(column.name, _part(_AFTER, n=n)))
    return found


def _one_sided(matrix: Floats, happened: Floats, columns: Sequence[Column], vouched: Sequence[str]) -> list[Refused]:
    found = []
    for at, column in enumerate(columns):
        filled = ~np.isnan(matrix[:, at])
        for side, word in ((happened > 0, _HAPPENED), (happened == 0, _NOT)):
            here, there = filled[side], filled[~side]
            enough = here.sum() >= _LEAST_FILLED and here.mean() >= _FILLED_SHARE and len(there) >= _LEAST_FILLED
            if enough and not there.any() and column.name not in vouched:
                found.append(Refused(column.name, _part(_ONE_SIDED, side=word)))
    return found


def _knowing(
    matrix: Floats, happened: Floats, columns: Sequence[Column], vouched: Sequence[str], seed: int
) -> list[Refused]:  # fmt: skip
    """By what columns know alone, beside what all others know together."""
    rows, y = _drawn(matrix, happened, seed)
    if min(y.sum(), len(y) - y.sum()) < _LEAST_FILLED:
        return []
    folds = shuffled_folds(y, None, 3, seed)
    alone = [auc(y, shares_apart(rows[:, at], y, folds)) for at in range(len(columns))]
    found: list[Refused] = []
    twins = np.abs(_correlated(rows))
    for at in sorted(range(len(columns)), key=lambda place: -alone[place]):
        name = columns[at].name
        if alone[at] < SUSPECT or name in vouched or any(one.column == name for one in found):
            continue
        told = _verdict(rows, y, columns, at, alone[at], twins[at] > _TWINS, folds, seed)
        if told is None:
            continue
        found.append(Refused(name, told))
        for other in np.flatnonzero(twins[at] > _TWINS):
            twin = columns[int(other)].name
            if other != at and twin not in vouched and all(one.column != twin for one in found):
                found.append(Refused(twin, _TWIN, name))
    return found


def _verdict(
    rows: Floats, y: Floats, columns: Sequence[Column], at: int, alone: float, alike: Flags, folds: list[Flags], seed: int
) -> Text | None:  # fmt: skip
    if alone >= TOO_GOOD:
        return _part(_ALONE, auc=decimal(alone, 3))
    others = [place for place in range(len(columns)) if place != at and not alike[place]]
    if min(y.sum(), len(y) - y.sum()) < _LEAST_CASES or not others:
        return None
    without = auc(y, tell_apart(rows[:, others], y, [columns[place] for place in others], folds, seed))
    if without < _LEAST_KNOWING or alone < without:
        return None
    with_it = auc(y, tell_apart(rows, y, columns, folds, seed))
    if with_it - without < HALF * (1 - without):
        return None
    return _part(_MORE_THAN_ALL, auc=decimal(alone, 3), others=decimal(without, 3))


def _correlated(rows: Floats) -> Floats:
    """Columns × columns, unknown values as the mean; 0 where a column is constant."""
    with np.errstate(all="ignore"):
        known = ~np.isnan(rows)
        middle = np.where(known, rows, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        centered = np.where(known, rows - middle, 0.0)
        size = np.sqrt((centered**2).sum(axis=0))
        found: Floats = (centered.T @ centered) / np.outer(size, size)
    return np.nan_to_num(found)


def _drawn(matrix: Floats, happened: Floats, seed: int) -> tuple[Floats, Floats]:
    """At most 10,000 rows: what a leak knows shows in few."""
    if len(happened) <= _MOST_ROWS:
        return matrix, happened
    rows = np.sort(np.random.default_rng(seed).choice(len(happened), _MOST_ROWS, replace=False))
    return matrix[rows], happened[rows]


def _part(text: Text, **values: object) -> Text:
    """Filled but for the names of columns, which are put in at the end."""
    return text.fill(column="{column}", other="{other}", **values)
