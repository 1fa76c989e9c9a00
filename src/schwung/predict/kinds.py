"""On whom a model errs: what it said beside what came, by kind of customer."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from schwung.collect.touch import channel_title
from schwung.core.text import Text
from schwung.measure.said import count as counted
from schwung.predict.clv.grouping import REST, Grouping
from schwung.predict.clv.rows import Floats

_FAR = 0.25
_FEWEST = 100
_WRONG = Text(
    "Of the {n} customers of this kind ({kind}) it says {side}: {said} on average, {came} came.",
    "Von den {n} Kunden dieser Art ({kind}) sagt es {side}: im Mittel {said}, {came} kamen.",
)
_LITTLE, _MUCH = Text("too little", "zu wenig"), Text("too much", "zu viel")
_OTHERS = Text("others", "andere")


def by_kind(
    said: Floats, came: Floats, columns: Mapping[str, Any], titles: Mapping[str, Text], count: Floats | None = None
) -> list[dict[str, Any]]:
    """A row for each level of each column: its title, n, expected and actual mean of a customer. Rare levels are put together; a
    column in which nearly all are alike tells nothing. count: customers of each row given."""
    weight = np.ones(len(said)) if count is None else count
    rows = []
    for name, values in columns.items():
        grouping = Grouping.of(name, values, weight)
        if len(grouping.levels) < 2:
            continue
        place = grouping.place(values)
        n, said_of, came_of = (
            np.bincount(place, weights=weight * each, minlength=len(grouping.levels))
            for each in (np.ones(len(said)), said, came)
        )
        for at in np.flatnonzero(n).tolist():
            level = grouping.levels[at]
            named = channel_title(level) if name == "channel" else Text(level, level)
            shown = _OTHERS if level == REST else named
            kind = Text("{column}: {level}", "{column}: {level}").fill(column=titles[name], level=shown)
            means = {"expected": float(said_of[at] / n[at]), "actual": float(came_of[at] / n[at])}
            rows.append({"title_en": kind.en, "title_de": kind.de, "n": round(n[at]), **means})
    return rows


def worst_kind(rows: list[dict[str, Any]], shown: Callable[[float], Text]) -> tuple[Text, ...]:
    """A sentence about the kind of whom it is furthest off, where it is far off by more than chance would."""
    far = [row for row in rows if row["n"] >= _FEWEST and row["actual"] > 0 and _off(row) >= _FAR]
    if not far:
        return ()
    row = max(far, key=lambda one: abs(one["expected"] - one["actual"]) * one["n"])
    side = _LITTLE if row["expected"] < row["actual"] else _MUCH
    kind = Text(row["title_en"], row["title_de"])
    return (
        _WRONG.fill(n=counted(row["n"]), kind=kind, side=side, said=shown(row["expected"]), came=shown(row["actual"])),
    )


def _off(row: Mapping[str, Any]) -> float:
    return abs(float(row["expected"]) / float(row["actual"]) - 1)
