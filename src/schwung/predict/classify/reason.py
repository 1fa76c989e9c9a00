"""Why a row has its probability: the columns that add most to its log-odds, with their values, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from schwung.core.text import Text
from schwung.predict.classify.coding import Column, Floats

LEAST_EFFECT = 0.05
"""Log-odds; less is no reason."""
_RAISES = Text("{column}: {value} (raises it)", "{column}: {value} (erhöht)")
_LOWERS = Text("{column}: {value} (lowers it)", "{column}: {value} (senkt)")
_UNKNOWN = Text("not known", "nicht bekannt")
_DAYS = Text("{value} days ago", "vor {value} Tagen")


@dataclass(frozen=True, slots=True)
class Reason:
    """effect: on the log-odds, after calibration; positive: it makes the outcome more likely. value: None: not known."""

    column: str
    value: Any
    effect: float
    text: Text

    def to_json(self) -> dict[str, Any]:
        """Without words."""
        return {"column": self.column, "value": self.value, "effect": round(self.effect, 4)}


def strongest(
    contributions: Floats, matrix: Floats, columns: Sequence[Column], *, most: int, titles: Mapping[str, Text],
    themes: Mapping[str, str] | None = None,
) -> list[tuple[Reason, ...]]:  # fmt: skip
    """Per row at most so many reasons, strongest first. themes: of columns that say the same, only the strongest counts."""
    named = themes or {}
    effects = contributions[:, : len(columns)]
    order = np.argsort(-np.abs(effects), axis=1)[:, : 4 * most]
    found = []
    for row, places in enumerate(order.tolist()):
        told: dict[str, Reason] = {}
        for at in places:
            column, effect = columns[at], float(effects[row, at])
            theme = named.get(column.name, column.name)
            if abs(effect) < LEAST_EFFECT or len(told) == most:
                break
            if theme not in told:
                value = column.shown(matrix[row, at])
                text = in_words(column, value, effect, titles)
                told[theme] = Reason(column.name, value, effect, text)
        found.append(tuple(told.values()))
    return found


def in_words(column: Column, value: Any, effect: float, titles: Mapping[str, Text]) -> Text:
    """“Contract: Month-to-month (raises it)”."""
    title = titles.get(column.name, Text(column.name, column.name))
    shown: object = _UNKNOWN if value is None else _number(value)
    if column.kind == "moment" and value is not None:
        shown = _DAYS.fill(value=shown)
    return (_RAISES if effect > 0 else _LOWERS).fill(column=title, value=shown)


def _number(value: Any) -> object:
    if not isinstance(value, float):
        return value
    if value == int(value):
        return Text(f"{int(value):,}", f"{int(value):,}".replace(",", "."))
    return Text(f"{value:,.2f}", f"{value:,.2f}".translate(str.maketrans(",.", ".,")))
