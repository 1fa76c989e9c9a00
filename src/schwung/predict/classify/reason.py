"""Why a row has its probability: the columns that add most to its log-odds, with their values, in words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schwung.core.text import Text
from schwung.predict.classify.coding import Column, Floats
from schwung.predict.classify.json_text import all_alike, json_texts

Ints = npt.NDArray[np.int64]

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


def places(effects: Floats, names: Sequence[str], most: int, themes: Mapping[str, str] | None = None) -> Ints:
    """Rows × most: columns by the size of their effect, strongest first, −1: no more. themes: of columns that say the same, only
    the strongest counts."""
    named = themes or {}
    told = [named.get(name, name) for name in names]
    theme_of = np.array([told.index(one) for one in told])
    order = np.argsort(-np.abs(effects), axis=1)[:, : 4 * most]
    rows = np.arange(len(effects))
    found = np.full((len(effects), most), -1, np.int64)
    themed, count = found.copy(), np.zeros(len(effects), np.int64)
    for at in order.T:
        fits = (
            (np.abs(effects[rows, at]) >= LEAST_EFFECT) & (count < most) & (themed != theme_of[at][:, None]).all(axis=1)
        )
        here = rows[fits]
        found[here, count[fits]] = at[fits]
        themed[here, count[fits]] = theme_of[at[fits]]
        count[fits] += 1
    return found


def strongest(
    contributions: Floats, matrix: Floats, columns: Sequence[Column], *, most: int, titles: Mapping[str, Text],
    themes: Mapping[str, str] | None = None,
) -> list[tuple[Reason, ...]]:  # fmt: skip
    """Per row at most so many reasons in words, strongest first: for who reads some rows. See `told` for millions."""
    effects = contributions[:, : len(columns)]
    chosen = places(effects, [column.name for column in columns], most, themes)

    def reason(row: int, at: int) -> Reason:
        column, effect = columns[at], float(effects[row, at])
        value = column.shown(matrix[row, at])
        return Reason(column.name, value, effect, in_words(column, value, effect, titles))

    return [tuple(reason(row, at) for at in found if at >= 0) for row, found in enumerate(chosen.tolist())]


def told(
    contributions: Floats, matrix: Floats, columns: Sequence[Column], *, most: int, themes: Mapping[str, str],
    beside: Mapping[str, Mapping[str, pa.Array]], about: Mapping[str, Any],
) -> pa.Array:  # fmt: skip
    """Per row the JSON of a list: `about`, then the reasons as `Reason.to_json` gives them, of columns that `beside` names, with
    texts of JSON that their words need besides."""
    effects = contributions[:, : len(columns)]
    chosen = places(effects, [column.name for column in columns], most, themes)
    texts, where = [], []
    for at, column in enumerate(columns):
        row, slot = np.nonzero(chosen == at)
        if not len(row) or column.name not in beside:
            continue
        values = pa.array(matrix[row, at])
        if column.kind == "word":
            words = pa.array(column.words, pa.string())
            values = words.take(pc.cast(pa.array(matrix[row, at], from_pandas=True), pa.int64()))
        parts: list[Any] = [
            json.dumps({"column": column.name}, ensure_ascii=False)[:-1] + ', "value": ', json_texts(values),
            ', "effect": ', json_texts(pa.array(np.round(effects[row, at], 4))), ', "beside": {',
        ]  # fmt: skip
        for nth, (name, shown) in enumerate(beside[column.name].items()):
            parts += [f"{', ' if nth else ''}{json.dumps(name)}: ", shown.take(pa.array(row))]
        texts.append(pc.binary_join_element_wise(*parts, "}}", ""))
        where.append(row * most + slot)
    size = len(chosen) * most
    place = np.full(size, -1, np.int64)
    if where:
        place[np.concatenate(where)] = np.arange(sum(map(len, where)))
    known = pa.concat_arrays(texts) if texts else pa.array([], pa.string())
    slots = known.take(pa.array(place, mask=place < 0)) if texts else pa.nulls(size, pa.string())
    each = [slots.take(pa.array(np.arange(nth, size, most))) for nth in range(most)]
    head = all_alike(about, len(chosen))
    joined = pc.binary_join_element_wise(head, *each, ", ", null_handling="skip")
    return pc.binary_join_element_wise("[", joined, "]", "")


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
